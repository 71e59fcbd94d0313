"""The benchmark: the gateway beside the fastest thing that could be put in its place, on one machine and the same messages.

    load ──POST──► target ──POST──► receiver      target: the gateway as an operator runs it, or the bare pipeline of `limit`
      ╎              ▲   └──POST──► (sender's mail)  │ receipts, where the scenario has them
      ╎              └───────────────────────────────┘
      └╌╌╌╌╌╌╌╌╌╌╌╌╌ ledger: when each message was sent, answered, received, receipted ╌╌╌╌╌╌╌╌╌╌╌╌╌┘

Load, target and receiver are processes of their own and share the ledger, a file in memory, so that nothing that is measured
passes through the bench itself. `scenarios` says what is measured, `measure` does it, `report` shows it.
"""
