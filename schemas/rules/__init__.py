"""MedCom's rules beyond the schemas: what a person should know of a message though the schema allows it.

`table` says of each rule what it is worth, where it is from and what it tells, and documentation is made from it. `looked` gathers
in one walk what the rules look at, the modules beside it hold the rules by what they are about, and `every` calls them all. This
module imports nothing, so that `wording` can take the table without the rest, which needs `wording`.
"""
