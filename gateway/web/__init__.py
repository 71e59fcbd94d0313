"""The HTTP interface: partners' API, probes and metrics.

A thin shell: it tells the partner apart, reads a bounded body, calls a use case and turns the answer into a status by one table. No
rule about messages lives here.
"""
