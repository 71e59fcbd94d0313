"""Object ids: two ways to write one id come to the same, and different ids stay different."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from schemas.letters import object_id

ANY = st.text(max_size=40)
UUIDS = st.uuids(allow_nil=True)


@given(ANY)
def test_what_is_normalised_stays_as_it_is(written: str) -> None:
    """Normalising twice is normalising once, and leaves no dash and no white space around."""
    once = object_id(written)
    assert object_id(once) == once
    assert "-" not in once
    assert once == once.strip()


@given(UUIDS, st.sampled_from([str.upper, str.lower]), st.sampled_from(["", " ", "\n\t"]))
def test_a_uuid_is_the_same_however_it_is_written(one: UUID, case, around: str) -> None:
    """With or without dashes, in either case, with white space around it: one object."""
    assert object_id(around + case(str(one)) + around) == object_id(case(one.hex)) == one.hex


@given(UUIDS, UUIDS)
def test_different_uuids_are_different_objects(one: UUID, other: UUID) -> None:
    """Two ids come to the same only where they are one UUID."""
    assert (object_id(str(one)) == object_id(other.hex)) == (one == other)
