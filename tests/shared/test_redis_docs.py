"""docs/redis.md says what there is, and its user can do all that a gateway does."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.shared.address import QUERY, SCHEMES, read_address
from gateway.shared.broadcast import channel_of
from gateway.shared.place import RedisPlace
from gateway.shared.watch import Standing
from tests.shared.servers import Server
from tests.shared.test_place import counted_and_kept

PAGE = (Path(__file__).parents[2] / "docs" / "redis.md").read_text(encoding="utf-8")


def test_every_form_is_named_and_each_can_be_read() -> None:
    forms = re.findall(r"^\| `(\S+://\S+)` \|", PAGE, re.MULTILINE)
    assert len({read_address(form).kind for form in forms}) == 3
    assert [scheme for scheme in SCHEMES if f"`{scheme}" not in PAGE] == []
    assert [name for name in QUERY if f"`{name}`" not in PAGE] == []


def test_every_standing_and_the_channel_are_named() -> None:
    assert [standing for standing in Standing if f"`{standing}`" not in PAGE] == []
    assert f"`{channel_of(RedisPlace('redis://'))}`" in PAGE


async def test_the_user_has_the_rights_it_needs(server: Server) -> None:
    (command,) = re.findall(r"```\n(ACL .*)\n```", PAGE)
    server.client.execute_command(*command.split())
    try:
        place = RedisPlace(server.url.replace("//", "//gateway:password@"))
        await counted_and_kept(place)
        client = place.client(10.0)
        assert await client.publish(channel_of(place), b"") == 0
        await client.aclose()
    finally:
        server.client.execute_command("ACL DELUSER gateway")
