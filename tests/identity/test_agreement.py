"""What the record says of keys, against where they are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.audit.act import Act, Action, ActOutcome, new_act
from gateway.identity.agreement import disagreements, ends, ends_of, overlap_noted
from gateway.identity.ends import End
from gateway.identity.virtual_keys import KeyRecord

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
KEY = KeyRecord(key_id="pgw_aaaaaaaa", tenant="bank", principal="mailroom", digest="d", created=NOW)
NEXT = replace(KEY, key_id="pgw_bbbbbbbb", expires=LATER)


def act(action: Action, outcome: ActOutcome = ActOutcome.DONE, **facts: str | None) -> Act:
    told = new_act(action, tenant="bank", principal="mailroom", target=KEY.key_id, **facts)
    return told.ended(outcome)


def found(act: Act, *keys: KeyRecord) -> list[str]:
    return list(disagreements({one.key_id: one for one in keys}, [act]))


def test_a_revocation_that_was_undone() -> None:
    revoked = act(Action.KEYS_REVOKE)
    assert found(revoked, replace(KEY, revoked=NOW)) == []
    (told,) = found(revoked, KEY)
    assert "pgw_aaaaaaaa: it was revoked" in told


def test_what_was_tried_and_not_done_is_no_matter() -> None:
    for outcome in (ActOutcome.INTENDED, ActOutcome.FAILED, ActOutcome.DENIED):
        assert found(act(Action.KEYS_REVOKE, outcome), KEY) == []


def test_a_key_that_is_gone_opens_nothing() -> None:
    assert found(act(Action.KEYS_REVOKE)) == []


def test_an_end_that_was_put_off_or_taken_away() -> None:
    for action in (Action.KEYS_EXPIRE, Action.KEYS_ISSUE):
        ended = act(action, note=ends(KEY.key_id, NOW))
        assert found(ended, replace(KEY, expires=NOW)) == []
        assert found(ended, replace(KEY, expires=NOW - timedelta(hours=1))) == []
        assert "later where keys are kept" in found(ended, replace(KEY, expires=LATER))[0]
        assert "later where keys are kept" in found(ended, KEY)[0]


def test_a_rotation_that_was_undone() -> None:
    rotated = act(Action.KEYS_ROTATE, result=NEXT.key_id, note=overlap_noted("1h", KEY, NOW, NEXT))
    old = replace(KEY, expires=NOW, rotated_to=NEXT.key_id)
    assert found(rotated, old, NEXT) == []
    assert "rotated to pgw_bbbbbbbb" in found(rotated, replace(old, rotated_to=None), NEXT)[0]
    assert "pgw_aaaaaaaa: it ends" in found(rotated, replace(old, expires=LATER), NEXT)[0]
    assert "pgw_bbbbbbbb: it ends" in found(rotated, old, replace(NEXT, expires=None))[0]


def test_another_holder() -> None:
    issued = act(Action.KEYS_ISSUE)
    assert found(issued, KEY) == []
    assert "issued to bank/mailroom" in found(issued, replace(KEY, principal="director"))[0]


def test_a_rotation_while_the_record_named_somebody_else() -> None:
    """The new key is theirs for good; the old record is as it was again."""
    rotated = replace(act(Action.KEYS_ROTATE, result=NEXT.key_id), principal="director")
    old = replace(KEY, expires=NOW, rotated_to=NEXT.key_id)
    (told,) = found(rotated, old, replace(NEXT, principal="director"))
    assert "pgw_aaaaaaaa: it was rotated as a key of bank/director" in told


def test_a_persons_key_is_in_no_tenant() -> None:
    theirs = KeyRecord(key_id="pga_aaaaaaaa", tenant="", principal="li.wei", digest="d", created=NOW)
    issued = new_act(Action.KEYS_ISSUE, principal="li.wei", target=theirs.key_id).ended(ActOutcome.DONE)
    assert found(issued, theirs) == []


def test_notes_of_older_gateways_say_nothing_of_an_end() -> None:
    assert found(act(Action.KEYS_EXPIRE, note="ends 2026-11-01 12:00 UTC"), KEY) == []


def test_acts_say_how_far_keys_have_ended() -> None:
    revoked = act(Action.KEYS_REVOKE)
    rotated = act(Action.KEYS_ROTATE, result=NEXT.key_id, note=overlap_noted("1h", KEY, NOW, NEXT))
    later = act(Action.KEYS_EXPIRE, note=ends(KEY.key_id, LATER))
    at = datetime.fromisoformat(revoked.at)
    assert ends_of([later, revoked, rotated]) == {KEY.key_id: End(at, NOW), NEXT.key_id: End(None, LATER)}
    assert ends_of([act(Action.KEYS_REVOKE, ActOutcome.FAILED), act(Action.KEYS_ISSUE)]) == {}


def test_moments_that_nobody_can_read_stop_no_gateway() -> None:
    forged = [
        replace(act(Action.KEYS_REVOKE), at="t"),
        replace(act(Action.KEYS_REVOKE), at="0001-01-01T00:00:00+14:00"),
        *(replace(act(Action.KEYS_REVOKE), **told) for told in ({"at": 5}, {"target": ["a"]}, {"note": 5, "target": None})),
        act(Action.KEYS_EXPIRE, note="pgw_aaaaaaaa ends 2026-99-99T00:00:00+00:00"),
    ]
    assert ends_of(forged) == {}
    naive = replace(act(Action.KEYS_REVOKE), at="2026-11-01T12:00:00")
    assert set(ends_of([naive, act(Action.KEYS_REVOKE)])) == {KEY.key_id}
