"""What records say of the process that made them."""

from wsbook.study.provenance import command


def test_a_command_does_not_tell_where_on_a_machine_it_ran(monkeypatch):
    arguments = [
        "/opt/book/.venv/bin/wsbook",
        "run",
        "a-x",
        "--results",
        "/opt/book/book/results",
        "--only",
        "k=1",
    ]
    monkeypatch.setattr("sys.argv", arguments)
    assert command() == "wsbook run a-x --results results --only k=1"
    monkeypatch.setattr("sys.argv", ["/opt/book/wsbook/__main__.py", "status"])
    assert command() == "wsbook status"
