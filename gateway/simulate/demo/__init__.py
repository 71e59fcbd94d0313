"""The demonstration: a whole installation on a fresh machine, two stories told from what the hub itself says happened.

    Installation (gateway serve, as a process of its own, in a folder that goes away) <── HTTP ──> Epj, Omsorgssystem
    Admission (S1), UnusedAddress (S4): steps with a deadline each ──> Page (Danish lines)

Nothing that is printed is canned: times, states and receipts are read from the hub, and each is checked before it is told.
"""
