"""A round as an app written in Python sees it: `round.py MODULES PLAN STAGE`.

The Rust test beside it starts the centre, writes the plan, and looks at the centre afterwards. Everything here goes
through the generated module alone. A failed assertion ends the program, and with it the test.
"""

import gc
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

sys.path.insert(0, sys.argv[1])
import homphieu_tablet as hp  # noqa: E402

PLAN = json.loads(pathlib.Path(sys.argv[2]).read_text())
HOME = pathlib.Path(PLAN["home"])
SLIPS = PLAN["slips"]
MARKS = [[0, 1], [2, None], [1, 1]]


def folder(name):
    return str(HOME / name)


def problem(case, code, call, *args):
    """The call must be refused in this way, with a sentence in both languages."""
    try:
        call(*args)
    except hp.Problem as error:
        assert isinstance(error, case), f"{error!r} is no {case.__name__}"
        assert error.code == code, f"{error.code} instead of {code}"
        assert error.vi and error.en and error.vi != error.en, repr(error)
        return error
    raise AssertionError(f"{code} was expected, and nothing was refused")


def begin(name, token):
    tablet = hp.Tablet.open(folder(name))
    problem(hp.Problem.NotYet, "not_enrolled", tablet.sync)
    problem(hp.Problem.WrongInput, "token", tablet.enrol, "HPE1.nonsense")
    assert tablet.round() is None and tablet.units() == []
    tablet.enrol(token)
    assert tablet.round().title == "Đợt thử" and not tablet.round().training
    return tablet


def compare(tablet, unit):
    """Two people with the paper: they type the two groups that the tablet leaves out."""
    sheet, paper = tablet.sheet(unit), PLAN["digits"][unit]
    blanks = [place for place, group in enumerate(sheet.digits) if group is None]
    assert len(blanks) == 2 and not sheet.confirmed
    assert all(group in (None, right) for group, right in zip(sheet.digits, paper))
    first, second = (hp.TypedGroup(place=place, digits=paper[place]) for place in blanks)
    wrong = hp.TypedGroup(place=blanks[0], digits="0000")
    problem(hp.Problem.WrongInput, "digits_differ", tablet.confirm_sheet, unit, wrong, second)
    problem(hp.Problem.WrongInput, "two_groups", tablet.confirm_sheet, unit, first, first)
    tablet.confirm_sheet(unit, first, second)
    assert tablet.sheet(unit).confirmed
    return sheet


def here(counts):
    return counts.in_box + counts.sealed + counts.handed_over + counts.confirmed


def child(stage):
    """A process of its own, which can be killed as a power cut would."""
    arguments = [sys.executable, __file__, sys.argv[1], sys.argv[2], stage]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read()
    assert process.wait() == -signal.SIGKILL
    return rest


def cast_until_killed():
    tablet = hp.Tablet.open(folder("first"))
    for voter in range(PLAN["voters"]):
        tablet.cast("A", SLIPS[voter], MARKS[voter % 3])
        print(voter, flush=True)
    signal.pause()


def sync_until_killed():
    tablet = hp.Tablet.open(folder("second"))
    print("syncing", flush=True)
    tablet.sync()
    print("synced", flush=True)
    signal.pause()


def vote_through_a_power_cut(tablet):
    """Gives the tablet that was opened again."""
    sheet = compare(tablet, "A")
    assert [official.code for official in sheet.officials] == ["A1", "A2"] and not sheet.attended
    problem(hp.Problem.WrongInput, "slip_length", tablet.cast, "A", "ABCD", MARKS[0])
    problem(hp.Problem.WrongInput, "marks", tablet.cast, "A", SLIPS[0], [0])
    problem(hp.Problem.WrongInput, "marks", tablet.cast, "A", SLIPS[0], [0, 9])
    problem(hp.Problem.WrongInput, "needs_slip", tablet.cast_attended, "A", MARKS[0])
    problem(hp.Problem.WrongInput, "other_unit", tablet.cast, "S", SLIPS[0], MARKS[0])
    problem(hp.Problem.WrongInput, "unit_code", tablet.counts, "no unit")
    del tablet
    gc.collect()
    voting = child("cast")
    confirmed = [int(voting.stdout.readline()) for _ in range(7)]
    problem(hp.Problem.Restart, "store_in_use", hp.Tablet.open, folder("first"))
    confirmed += [int(line) for line in kill(voting).split()]
    tablet = hp.Tablet.open(folder("first"))
    assert tablet.sheet("A").confirmed, "what was compared stays compared"
    kept = here(tablet.counts("A"))
    assert len(confirmed) <= kept <= len(confirmed) + 1, f"{kept} kept of {len(confirmed)} confirmed"
    for voter in confirmed:
        problem(hp.Problem.WrongInput, "slip_used", tablet.cast, "A", SLIPS[voter], MARKS[0])
    return tablet


def vote_on_several_threads(tablet):
    """Whoever comes second with a slip is told so, and nobody is lost."""
    before, won, unexpected = here(tablet.counts("A")), [], []

    def voters():
        for voter in range(PLAN["voters"]):
            try:
                tablet.cast("A", SLIPS[voter], MARKS[voter % 3])
                won.append(voter)
            except hp.Problem.WrongInput as error:
                if error.code != "slip_used":
                    unexpected.append(error)

    threads = [threading.Thread(target=voters) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not unexpected, unexpected
    assert len(won) == len(set(won)) == PLAN["voters"] - before
    assert here(tablet.counts("A")) == PLAN["voters"]


def close(tablet, unit):
    tablet.close(unit)
    tablet.close(unit)
    assert tablet.is_closed(unit) and tablet.counts(unit).in_box == 0


def carried_as_files(tablet, courier):
    """A torn copy, a whole one, and the whole one once more; then what the courier says it has."""
    stick = HOME / "first.hpgoi"
    stick.write_bytes(tablet.export_parcel(hp.Recipient.CENTRE()))
    assert tablet.counts("A").sealed == PLAN["voters"], "handing over deletes nothing"
    assert tablet.status().next.code == "hand_over" and tablet.status().next.only_here
    whole = stick.read_bytes()
    problem(hp.Problem.WrongInput, "parcel_none", courier.import_parcel, b"a photograph")
    problem(hp.Problem.WrongInput, "parcel_torn", courier.import_parcel, whole[:20])
    problem(hp.Problem.WrongInput, "device_id", tablet.export_parcel, hp.Recipient.TABLET(device="x"))
    assert courier.held_units() == []
    courier.set_carry_room(1)
    narrow = courier.import_parcel(whole)
    assert any(unit.refused for unit in narrow.units), "a courier that is full says so"
    assert courier.status().carried_room == 1 and courier.status().carried_envelopes == 0
    courier.set_carry_room(64 << 20)
    torn = courier.import_parcel(whole[: len(whole) * 2 // 3])
    assert torn.torn and torn.from_device == tablet.device()
    full, again = courier.import_parcel(whole), courier.import_parcel(whole)
    assert not full.torn and not full.unreadable and not full.brought_nothing
    assert sum(unit.envelopes for report in (torn, full) for unit in report.units) > 0
    assert again.brought_nothing and not any(unit.refused for unit in full.units)
    assert courier.sheet("A") is None, "a courier holds no names"
    assert courier.status().next.code == "deliver"
    assert tablet.import_parcel(courier.acknowledge()).acknowledged == [courier.device()]
    counts = tablet.counts("A")
    assert counts.handed_over == PLAN["voters"], counts
    (taker,) = tablet.status().units[0].handed_to
    assert taker.device == courier.device() and taker.ballots == PLAN["voters"]
    assert tablet.status().next.code == "wait_for_receipt"


def carried_as_codes(tablet, courier):
    """The same parcel from a screen, of which every third frame is missed."""
    parcel = tablet.export_parcel(hp.Recipient.ANYONE())
    series, reader = hp.QrSeries(parcel), hp.QrReader()
    problem(hp.Problem.WrongInput, "qr_not_a_series", reader.receive, SLIPS[0])
    shown = 0
    while reader.percent() < 100:
        frame = series.next_frame()
        assert frame.svg.startswith("<svg ") and frame.text == frame.text.upper()
        shown += 1
        if shown % 3:
            assert reader.receive(frame.text) in (hp.Received.NEW, hp.Received.KNOWN, hp.Received.COMPLETE)
        assert shown < 4 * series.needed() + 60
    assert reader.bytes() == parcel
    assert courier.import_parcel(reader.bytes()).brought_nothing, "the file was there before"


def confirmed_without_network(tablet, courier):
    report = courier.sync()
    assert report.confirmed > 0 and not report.failed and not report.refused, report
    assert courier.status().last_contact is not None
    back = tablet.import_parcel(courier.export_parcel(hp.Recipient.ANYONE()))
    assert sum(unit.receipts for unit in back.units) > 0
    counts = tablet.counts("A")
    assert counts.confirmed == here(counts) == PLAN["voters"], counts
    assert tablet.status().next.code == "keep" and not tablet.status().next.only_here


def confirmed_through_a_power_cut():
    tablet = begin("second", PLAN["tokens"]["second"])
    assert compare(tablet, "T").attended
    problem(hp.Problem.WrongInput, "votes_attended", tablet.cast, "T", SLIPS[0], MARKS[0])
    for voter in range(PLAN["attended"]):
        tablet.cast_attended("T", MARKS[voter % 3])
    close(tablet, "T")
    problem(hp.Problem.Closed, "closed", tablet.cast_attended, "T", MARKS[0])
    del tablet
    gc.collect()
    syncing = child("sync")
    assert syncing.stdout.readline() == "syncing\n"
    kill(syncing)
    tablet = hp.Tablet.open(folder("second"))
    assert here(tablet.counts("T")) == PLAN["attended"]
    tablet.sync()
    counts = tablet.counts("T")
    assert counts.confirmed == here(counts) == PLAN["attended"], counts
    assert tablet.finished("T") is None


def field():
    courier = begin("courier", PLAN["tokens"]["courier"])
    tablet = begin("first", PLAN["tokens"]["first"])
    assert tablet.units() == ["A"] and courier.units() == []
    problem(hp.Problem.NotYet, "sheet_not_confirmed", tablet.cast, "A", SLIPS[0], MARKS[0])
    problem(hp.Problem.AskOffice, "centre_refused", hp.Tablet.open(folder("late")).enrol, PLAN["tokens"]["first"])
    # The call keeps the last reference, so that the folder is free for another process inside.
    tablets = [tablet]
    del tablet
    tablet = vote_through_a_power_cut(tablets.pop())
    vote_on_several_threads(tablet)
    close(tablet, "A")
    problem(hp.Problem.Closed, "closed", tablet.cast, "A", SLIPS[-1], MARKS[0])
    carried_as_files(tablet, courier)
    carried_as_codes(tablet, courier)
    confirmed_without_network(tablet, courier)
    confirmed_through_a_power_cut()


def without_centre():
    tablet = hp.Tablet.open(folder("second"))
    problem(hp.Problem.Retry, "unreachable", tablet.sync)
    assert tablet.counts("T").confirmed == PLAN["attended"]
    damaged = next(file for file in sorted((HOME / "first").iterdir()) if file.name.startswith("item"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    problem(hp.Problem.Damaged, "damaged", hp.Tablet.open, folder("first"))


STAGES = {"field": field, "without_centre": without_centre, "cast": cast_until_killed, "sync": sync_until_killed}
STAGES[sys.argv[3]]()
