"""MedCom's rules beyond the schemas: what a person should know of a message though the schema allows it.

`table` says of each rule what it is worth, where it is from and what it tells, and documentation is made from it; the modules
beside it find out whether a message breaks one, each from what `look` has gathered in one walk; `look` calls them all. This module
stays empty, so that `wording` can take the table without the rest, which needs `wording`.
"""
