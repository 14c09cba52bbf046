"""A server that is told its path in the way of other servers."""

import re

from tests.served.conftest import Start
from tests.servers import Running


def test_a_server_with_a_script_name_answers_with_it_and_without(serve: Start) -> None:
    server = serve(SCRIPT_NAME="/agelens")
    for path in ("/healthz", "/agelens/healthz", "/readyz", "/agelens/"):
        assert server.get(path).status == 200
    assert re.search(rb'href="/agelens/assets/\w+/app.css"', server.get("/agelens/").body)


def test_a_visitor_cannot_say_which_path_it_is(server: Running) -> None:
    answer = server.get("/", SCRIPT_NAME="/evil", PATH_INFO="/evil")
    assert answer.status == 200
    assert b"evil" not in answer.body
