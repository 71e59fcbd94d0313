"""The extracts of the national register (SOR), read as streams of entities: one module a form.

Each reader is handed a binary file or an element stream, says in `Findings` what is wrong or odd with line and column, and yields
`Entity` values as it goes. What an entity inherits and whom it belongs to is not its matter: `sor.assembly` has the whole tree.
"""
