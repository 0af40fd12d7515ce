# Tablets and couriers on the command line.

tablet-no-folder = there is no tablet in { $path }: name its folder with --folder, or enrol a new one with `tablet enrol`
tablet-busy = Another command has this tablet, such as a sync: waiting until it makes way.
tablet-courier = this is a courier, which takes ballots for no unit
tablet-which-unit = this tablet serves several units ({ $units }): choose one with --unit
tablet-nothing-typed = nothing was typed; nothing has changed
tablet-token = Token from the office (HPE1.…):
tablet-group-form = write it as 2=04711: the place from 1 to { $groups }, then the digits on paper
tablet-enrolled = Enrolled in { $title }.
tablet-training = TRAINING: ballots cast here do not count.
tablet-device = Tablet { $device }
tablet-is-courier = This is a courier: it carries envelopes and takes no ballots.
tablet-unit = Unit { $code } – { $name }: { $officials } on the ballot, { $voters } { $voters ->
        [one] voter
       *[other] voters
    }. Compare its list with the paper: `tablet open`.
tablet-unit-attended = Unit { $code } – { $name }: { $officials } on the ballot, { $voters } { $voters ->
        [one] voter
       *[other] voters
    }, attended. Compare its list with the paper: `tablet open`.
tablet-compare = These are the digits of the list. Type the two groups left out from the unit's paper.
tablet-group = Group { $place } on the paper:
tablet-opened = The list of unit { $unit } is the one on paper: ballots can be cast.
tablet-code = Code on the slip:
tablet-code-wrong = That is no code of a slip: look at each symbol again.
tablet-mark = Level (1–{ $most }; nothing to leave it blank):
tablet-mark-wrong = Type a number from 1 to { $most }, or nothing.
tablet-review = Please look it over:
tablet-blank = left blank
tablet-cast-word = cast
tablet-cast-confirm = Type “{ $word }” to put the ballot into the box:
tablet-not-cast = not cast; nothing was kept. The same slip can be used again
tablet-cast = The ballot is in the box.
tablet-close-word = close
tablet-close-confirm = Close the box of unit { $unit } with { $count } { $count ->
        [one] ballot
       *[other] ballots
    }? It cannot be opened again. Type “{ $word }”:
tablet-not-closed = the box was not closed
tablet-closed = The box of unit { $unit } is closed: { $count } { $count ->
        [one] ballot
       *[other] ballots
    }, all sealed. Hand them to another tablet, or synchronise with the centre.
tablet-checked-in = Checked in: { $voter } { $name }
tablet-twice = LOOK: this voter was checked in on tablet { $tablet } already (noted by { $person }). One of the two may be a mistake.
tablet-slip-before = LOOK: this voter got a slip on tablet { $tablet } already (noted by { $person }). Give no second one without asking.
tablet-nobody = Nobody found.
tablet-not-here = not here
tablet-here = here
tablet-here-slip = here, has a slip
tablet-slip-only = has a slip, not checked in
tablet-here-times = checked in { $times } { $times ->
        [one] time
       *[other] times
    }: look into it
tablet-not-on-team = { $name } is not on the team ({ $team }): type a name of the team, or add --new to let them join
tablet-new-pin = New PIN for this person on this tablet (4–12 digits):
tablet-pin-again = The PIN once more:
tablet-pins-differ = the two differ; no PIN was set
tablet-pin = PIN of { $name }:
tablet-synced = Synchronised: { $confirmed } { $confirmed ->
        [one] envelope
       *[other] envelopes
    } newly confirmed, { $received } { $received ->
        [one] item
       *[other] items
    } received ({ $up } bytes up, { $down } down).
tablet-sync-out = { $unit }: sent { $bytes } of { $total } bytes
tablet-sync-in = { $unit }: received { $bytes } bytes
tablet-sync-again = Trying again in { $seconds } { $seconds ->
        [one] second
       *[other] seconds
    }. Ctrl+C ends it; everything stays on this tablet.
tablet-sync-partly = some units could not be synchronised; the others were
tablet-round-finished = The round is finished in unit { $unit }: what the centre counted is deleted here.
tablet-not-taken = Unit { $unit }: { $item } not taken – { $why }
tablet-unit-failed = Unit { $unit }: { $why }

tablet-kind-package = round package
tablet-kind-sheet = unit sheet
tablet-kind-replacement = sheet replacement
tablet-kind-certificate = device certificate
tablet-kind-revocation = revocation
tablet-kind-envelope = envelope
tablet-kind-record = unit record
tablet-kind-receipt = receipt
tablet-kind-statement = round statement

tablet-outcome-certificate = waits for the certificate of the tablet that made it
tablet-outcome-predecessor = waits for what comes before it
tablet-outcome-malformed = malformed
tablet-outcome-signature = bad signature
tablet-outcome-package = belongs to another round
tablet-outcome-unit = belongs to another unit
tablet-outcome-version = of a newer version: upgrade the program
tablet-outcome-not-taken = the other side does not take this kind
tablet-outcome-too-many = the other side has no room left; nothing is lost, it is still here: give it to another courier or tablet, or to the centre

tablet-doctor-draft = { $count } { $count ->
        [one] unfinished write (a power cut) was
       *[other] unfinished writes (a power cut) were
    } cleared away; confirmed ballots are there
tablet-title = Tablet
tablet-doctor-no-key = The tablet lost its key and can seal nothing any more: leave it as it is, save what can be read with `tablet save`, and bring that file to the office; two people decide about the ballots in its box.
tablet-doctor-damaged = Leave the tablet as it is, cast no more ballots on it, and tell the office.
tablet-doctor-store = Do what the line says, then run this again.
tablet-doctor-fresh = not enrolled
tablet-doctor-fresh-advice = Get a token from the office and run `tablet enrol`.
tablet-doctor-closed = { $unit }: the box is closed
tablet-doctor-no-sheet = { $unit }: its list is not here
tablet-doctor-no-sheet-advice = Synchronise with the centre, or take it from another tablet of the unit.
tablet-doctor-ready = { $unit }: its list was compared with paper, ballots can be cast
tablet-doctor-unopened = { $unit }: its list was not compared with paper
tablet-doctor-unopened-advice = Run `tablet open` and type two groups of digits from the paper.
doctor-name-tablet = tablet
doctor-name-round = round
doctor-name-list = list

tablet-box-open = The box is open.
tablet-box-closed = The box is closed.
tablet-in-box = { $count } { $count ->
        [one] ballot
       *[other] ballots
    } in the box
tablet-sealed = { $count } { $count ->
        [one] ballot
       *[other] ballots
    } sealed, on this tablet alone
tablet-handed-over = { $count } { $count ->
        [one] ballot
       *[other] ballots
    } on another device too, not confirmed by the centre
tablet-confirmed = { $count } { $count ->
        [one] ballot
       *[other] ballots
    } confirmed by the centre
tablet-counted = { $count } { $count ->
        [one] ballot
       *[other] ballots
    } counted, and deleted here
tablet-taker = handed to { $name }: { $count } { $count ->
        [one] ballot
       *[other] ballots
    }
tablet-others = { $count } { $count ->
        [one] envelope
       *[other] envelopes
    } of other tablets of the unit
tablet-held = { $count } { $count ->
        [one] envelope
       *[other] envelopes
    } will be held: { $why }
tablet-waiting = { $count } { $count ->
        [one] item waits for
       *[other] items wait for
    } what belongs to them (a certificate, a list)
tablet-carried-title = Carried for others
tablet-carried = { $envelopes } { $envelopes ->
        [one] envelope
       *[other] envelopes
    } of { $units } { $units ->
        [one] unit
       *[other] units
    }; { $unconfirmed } not confirmed by the centre
tablet-carried-records = { $count } { $count ->
        [one] sealed part
       *[other] sealed parts
    } of records
tablet-room = { $used } of { $room } MB used, { $left } MB left
tablet-room-full = FULL: { $used } of { $room } MB used. Go where there is a network and synchronise, or give more room with `tablet room`.
tablet-contact-title = Centre
tablet-last-contact = last reached { $at } (by this machine's clock)
tablet-no-contact = never reached

kiosk-open = Open the link above in a browser on this machine; each link works once, and the next one appears here when it was used. Ctrl+C ends it.

tablet-for-form = say centre, anyone, or the id of a tablet
tablet-extension = the file's name must end in .{ $extension }
tablet-orphans = boxes of tablets that lost their keys: { $count }. Only the office takes them: bring it this very file.
tablet-saved = Saved into { $path }: { $envelopes } { $envelopes ->
        [one] envelope
       *[other] envelopes
    }, and { $ballots } { $ballots ->
        [one] ballot
       *[other] ballots
    } from the box that nobody can sign for any more.
tablet-saved-office = Bring this file to the office (`homphieu round take-orphan`). Keep this tablet as it is until the round is finished.
tablet-saved-lost = Not readable: { $keys }. Keep the tablet, somebody else may still read it.
tablet-exported = Wrote { $path } ({ $bytes } bytes).
tablet-exported-keep = Everything is still on this tablet: only a receipt of the centre says for sure that it arrived.
tablet-from = from { $from }
tablet-torn = The file ends too early: what is whole was taken; copy it again, the tablet it came from still has everything.
tablet-damaged-parts = { $count } { $count ->
        [one] part is damaged and was passed over; copy it again
       *[other] parts are damaged and were passed over; copy it again
    }, the tablet it came from still has everything.
tablet-trailing = Something follows on the parcel's end (a second copy?): it was not looked at.
tablet-nothing-new = Nothing new: all of it was here already.
tablet-imported = { $unit }: { $new } { $new ->
        [one] item
       *[other] items
    } new ({ $envelopes } { $envelopes ->
        [one] envelope
       *[other] envelopes
    }, { $receipts } { $receipts ->
        [one] receipt
       *[other] receipts
    }), { $here } here already, { $waiting } waiting
tablet-import-held = { $unit }: { $count } { $count ->
        [one] envelope
       *[other] envelopes
    } will be held; see `tablet status`
tablet-acknowledged = Tablet { $device } says that it holds ballots of this one.
tablet-acknowledged-to = Wrote the acknowledgement to { $path }: take it back to the tablet that handed over.
tablet-import-partly = some files could not be taken whole; what is whole was taken
tablet-qr-frame = code { $number } / at least { $fragments } { $fragments ->
        [one] code
       *[other] codes
    }, { $bytes } bytes – point the camera here, Ctrl+C to end
tablet-qr-terminal = QR codes need a screen; use --text or --svg to write them out
tablet-qr-pictures = Wrote { $count } { $count ->
        [one] picture
       *[other] pictures
    } into { $path }.
tablet-qr-incomplete = not enough codes: go on filming until it is complete; nothing has changed
tablet-qr-too-long = { $bytes } bytes are too many for QR codes: hand over by file or local network

local-waiting = Let another tablet scan this code, or run `tablet join` with the line above. Ctrl+C ends it.
local-came = { $label } came in
local-turned-away = { $address } was not let in: { $why }
local-over = The session is over: { $visits } { $visits ->
        [one] visit
       *[other] visits
    }.
local-met = Met { $label }
local-staying = Everything is exchanged; waiting for what others bring. Ctrl+C ends it.
local-no-invitation = this is no invitation of a tablet (HPL1.…): scan it again
local-visit = Exchanged with { $label }:
local-nothing = both had the same already
local-passed = { $unit }: { $new } { $new ->
        [one] item
       *[other] items
    } new here ({ $came } { $came ->
        [one] envelope
       *[other] envelopes
    }), { $given } { $given ->
        [one] item
       *[other] items
    } given ({ $went } { $went ->
        [one] envelope
       *[other] envelopes
    })
local-not-taken-there = { $unit }: the other side did not take { $item } – { $why }

# Guidance of the organisation board.
tablet-guidance-none = There is no guidance of the organisation board on this tablet yet.
tablet-guidance-compare = COMPARE THE LIST WITH PAPER
tablet-guidance-check-in = CHECK IN, HAND OUT SLIPS
tablet-guidance-vote = VOTING
tablet-guidance-close = CLOSE THE BOX
tablet-guidance-minutes = FIGURES AND MINUTES
tablet-guidance-hand-over = HAND OVER
tablet-guidance-plans = CORRECTION PLANS
