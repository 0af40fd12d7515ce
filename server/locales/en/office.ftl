# What the office reads: rounds, devices, people, the log, the way into a count and out of it.

round-imported = imported { $units } { $units ->
        [one] unit
       *[other] units
    }, { $officials } { $officials ->
        [one] official
       *[other] officials
    }
round-name-files = name a workbook, or both CSV files
round-not-imported = nothing was imported: mend the roster and import it again
round-digits = Print these digits for each unit's team; they type two groups of their sheet:
round-opened = the round is open for voting
round-closed = the round is closed; what comes now is held as late
round-accepted = result of order { $number } accepted
round-not-signed = the package is not signed yet
round-columns = unit|voters|tablets|closed|envelopes|ballots|held|missing|findings|published
round-by-order = order { $number }
round-nothing-held = nothing is held or missing
round-held = held { $id } [{ $reasons }] { $ballots } { $ballots ->
        [one] ballot
       *[other] ballots
    }
round-decided = (decided)
round-missing = missing { $gap } ({ $label })
round-two-persons = a decision needs exactly two persons: give --by twice
round-noted = noted

evidence-centre = the centre itself
evidence-tablet = tablet: { $tablet } ({ $device })
evidence-first = number { $number }, follows on none
evidence-follows = number { $number }, follows on { $previous }
evidence-closes = closes with { $total } { $total ->
        [one] ballot
       *[other] ballots
    } in all
evidence-sheet = sheet { $sheet }
evidence-revoked = the tablet was revoked: “{ $reason }”
evidence-late = it was not here when { $who } closed the round at { $at }
evidence-late-unknown = it was not here when the round was closed
evidence-cloned = the same tablet gave the same number to: { $others }
evidence-beyond = the tablet had closed with: { $others }
evidence-replaced = replacement { $number } ended this sheet, the slips stayed good: “{ $reason }”; in its place came { $new }
evidence-replaced-slips = replacement { $number } ended this sheet and all its slips: “{ $reason }”; in its place came { $new }
evidence-replaced-unknown = this sheet does not hold any more
evidence-unknown-sheet = this centre issued no such sheet; { $holds } holds
evidence-scope = the tablet is certified for: { $units }
evidence-courier = the tablet is certified to carry only, for no unit
evidence-length = a ballot in it has { $found } bytes, by its sheet { $expected }
evidence-broken = the number before belongs to: { $others }
evidence-orphan = from the box of tablet { $tablet }, brought by { $who }: “{ $story }”
evidence-orphan-unknown = from the box of a tablet that lost its key; the record tells no story
evidence-other = { $id } (number { $number }, { $ballots } { $ballots ->
        [one] ballot
       *[other] ballots
    })
evidence-other-closes = { $id } (number { $number }, { $ballots } { $ballots ->
        [one] ballot
       *[other] ballots
    }, closes with { $total })

orphan-envelopes = envelopes that the tablet itself sealed: { $new } new, { $here } here already
orphan-held = { $unit }: { $count } { $count ->
        [one] ballot from the box is held
       *[other] ballots from the box are held
    } in envelope { $envelope }
orphan-here = ballots from the box that were here already: { $count }
orphan-decide = Two inspectors now decide whether they count: `round decide --unit UNIT --admit ENVELOPE …` or `--leave-out ENVELOPE`. The story stands in the unit's record.
orphan-refused = other things in the parcel that were not taken: { $count }
orphan-torn = something of this parcel is missing or damaged. What is whole was taken. Copy it again from the tablet and take it once more.
round-not-named = { $what } is not named as `round holds` shows it
round-say-what = say what is decided
round-ordered = opening order { $number }: { $admitted } { $admitted ->
        [one] envelope
       *[other] envelopes
    } to open, { $out } left out
round-export-now = Now `export` the bundle and carry it to the trustees.
round-published = { $count } { $count ->
        [one] unit
       *[other] units
    } published
round-unit-not-published = not published: { $why }
round-not-published = { $count } { $count ->
        [one] unit is
       *[other] units are
    } not published
round-level-form = write a level as code=Vietnamese label=English label

state-draft = draft
state-signed = signed
state-open = open
state-closed = closed
state-finished = finished

slips-count = { $count } { $count ->
        [one] slip
       *[other] slips
    } for { $units } { $units ->
        [one] unit
       *[other] units
    }. There is no reprint: print them now and count them.
slips-type = Type `{ $word }` when every slip lies before you; anything else throws them away:
slips-word = printed
slips-void = not confirmed: these slips are void and nothing was kept
slips-kept = kept; delete the page now if it was written to a file
slips-not-printed = `{ $printer }` did not print: these slips are void, nothing is kept
slips-inside = slips must not lie in the centre's folder: name a path outside of it
sheets-written = { $count } { $count ->
        [one] page is
       *[other] pages are
    } in { $folder }

replace-title = Unit { $unit } ({ $name }), replacement { $number } of its sheet:
replace-old-digits = digits so far  { $digits }
replace-new-digits = new digits     { $digits }
replace-refused = the sheet is not replaced: { $count ->
        [one] 1 thing
       *[other] { $count } things
    } to put right; nothing was changed
replace-only-shown = only shown; nothing was changed
replace-type-unit = Type the unit's code `{ $unit }` to sign the new sheet; anything else leaves it:
replace-not-done = the sheet is not replaced; nothing was changed
replace-done = the sheet of unit { $unit } is replaced (replacement { $number })
replace-page = its new page to print and post: { $page }
replace-next = Tablets get the new sheet with their next sync; the team compares the digits again before voting goes on. Collect the old page, and make a backup now.
replace-next-slips = Collect and destroy every earlier slip of the unit; hand out only those just printed.

finish-not-done = the round is not finished: { $count ->
        [one] 1 thing
       *[other] { $count } things
    } to settle first; nothing was changed
finish-done = the round is finished: { $units } { $units ->
        [one] unit has its
       *[other] units have their
    } statement
finish-done-delete = Tablets and couriers delete by it when they next synchronise, or meet one that did.
finish-done-backup = Keep the backup that was checked for this: it is the copy that the ballots can be restored from.
finish-done-late = What still comes is stored, receipted and held as late, and stays on its tablet.
finish-left = left unpublished by { $first } and { $second }: { $reason }
finish-without = the round goes on without tablet { $device }, by { $first } and { $second }: { $reason }
finish-go-on = to go on without one: `homphieu round decide --unit UNIT --go-on-without TABLET --by A --by B --reason "…"`
finish-free = nothing stands in the way of `round finish`
finish-before = before `round finish`: { $count ->
        [one] 1 thing
       *[other] { $count } things
    } to settle
finish-status = finished: { $units } { $units ->
        [one] unit has its
       *[other] units have their
    } statement; tablets may delete

device-scan = Scan it with the tablet, or type the text. It works once.
device-courier = courier
device-revoked = revoked
device-is-revoked = { $device } is revoked; what it sealed is held

user-added = { $login } is added
user-one-time = one-time password { $password }
user-present-password = Present password:
user-new-password = New password:
user-once-more = Once more:
user-differ = the two are not equal; nothing was changed
user-changed = changed; every session has ended
user-ended = ended
user-none = none
user-no-code = none
user-no-role = no role
user-line = { $roles }; votes in { $unit }; rated as { $codes }
user-closed = closed
user-has-one-time = one-time password
user-second-factor = second factor
user-password-of = Password of { $login }:
user-must-change = { $login } must change the one-time password first: `homphieu user password { $login }`
user-code = Code of the second factor:
user-factor-secret = Scan this with an authenticator on your phone, or type its secret there: { $secret }
user-factor-first = The code that it shows now:
user-factor-on = second factor on: from now on signing in asks for a code, too
user-factor-off = second factor off
user-nothing-typed = nothing was typed; nothing was changed
user-unknown-role = there is no role { $role }; there are { $known }

audit-whole = the log is whole: { $lines } { $lines ->
        [one] line
       *[other] lines
    }
audit-nothing = nothing was noted yet
audit-no-date = no date

serve-first-start = First start. Sign in as { $login } with this one-time password and choose your own:

export-written = { $path }: { $bytes } bytes, { $envelopes } { $envelopes ->
        [one] envelope
       *[other] envelopes
    }, { $orders } { $orders ->
        [one] order
       *[other] orders
    }, { $results } { $results ->
        [one] result
       *[other] results
    }

record-empty = nothing was noted of the meeting
record-register = checked in { $present }, slips handed out { $slips }
record-committee = committee
record-total = closing total of { $label }
record-conflict = people disagree
record-said = { $value } says { $who } on { $label }
record-paper = paper ballots of a box: { $collected } collected, { $valid } valid, { $invalid } invalid
record-paper-entered = entered by { $one } and again by { $two }
record-incident = incident ({ $who }): { $text }
record-note = note ({ $who }): { $text }
record-twins = two changes number { $number } of { $label }: neither counts
record-reconciles = every record reconciles
record-error = error: { $text }
record-warning = warning: { $text }; a second person must explain it
record-explained = explained: { $text }
record-explanation = { $who }: { $text }
record-explanation-beside = { $who }: { $text } (does not count: somebody else explained it, or noted it themselves)
record-key = a finding has a key of 32 hexadecimal digits: `round findings` shows it

minutes-hash = minutes { $hash }
minutes-unsigned = nobody has signed minutes yet
minutes-hold = signed by both, and they hold: { $hash }
minutes-incomplete = not signed by both, or corrected: { $hash }
minutes-earlier = an earlier version: { $hash }
minutes-corrected = corrected by { $who }: { $reason }

notice-none = no such notice
notice-all = all
notice-waiting = to be told by { $due }
notice-overdue = OVERDUE since { $due }
notice-in-time = told on { $on }, due { $due }
notice-late = told late, on { $on }, due { $due }
notice-tally = { $all } { $all ->
        [one] notice
       *[other] notices
    }: { $time } in time, { $late } late, { $waiting } waiting, { $overdue } overdue
notice-median = half of those told within { $days } { $days ->
        [one] day
       *[other] days
    }
notice-day-form = write the day as 2026-11-27

documents-bar = documents
documents-set = { $count } { $count ->
        [one] document
       *[other] documents
    } written to { $folder }
documents-letters = letters of { $count } { $count ->
        [one] unit
       *[other] units
    } written to { $folder }: print them at once, then delete that folder
documents-name-unit = name the unit with --unit, or the official with --official
documents-not-of-official = this document is not of one official; with --official there are notices and plans
oversight-head = { $held } of { $all } { $all ->
        [one] unit held its ballot and signed its minutes
       *[other] units held their ballot and signed their minutes
    }, published: { $published }; to be visited: { $visit }.
oversight-due = due { $on }
oversight-due-set = Due day set: { $on }.
oversight-formula = Formula
oversight-false-alarms = False alarms
oversight-trend = { $held } of { $all } { $all ->
        [one] unit
       *[other] units
    } done, { $published } published, { $late } late, { $signs } with signs of formalism, { $overdue } { $overdue ->
        [one] notice
       *[other] notices
    } and { $plans } { $plans ->
        [one] plan
       *[other] plans
    } late or overdue
oversight-no-visits = There are no visits yet.
oversight-planned = planned
oversight-made = made
oversight-called-off = called off
oversight-visit-planned = Written: a visit to { $unit } on { $on }.
remind-none = Nobody is to be reminded today.
remind-ballot = hold the ballot and sign the minutes
remind-notice = tell { $which } the result
remind-plan = correction plan of { $which }
remind-plan-behind = correction plan of { $which } is to be done
remind-plan-confirmation = correction plan of { $which } is to be confirmed or settled
remind-next-round = begin the next round
remind-follow-up = follow-up of a visit
remind-to-unit = unit
remind-to-official = official
remind-to-organisers = organisation board
remind-to-inspectors = inspection committee
remind-late = due { $due }, { $days } { $days ->
        [one] day
       *[other] days
    } late
remind-due = due { $due }
remind-done = { $made } { $made ->
        [one] reminder goes out
       *[other] reminders go out
    }, { $before } had been made before, { $without } { $without ->
        [one] has
       *[other] have
    } no address.
plan-none = no such plan
plan-not-owed = no plan is owed
plan-due = to be written by { $due }
plan-overdue = OVERDUE since { $due }
plan-conflict = VERSIONS DIFFER, to be settled
plan-written = written, waits for confirmation
plan-confirmed = confirmed
plan-in-progress = in progress
plan-done = done
plan-behind = past the last day of its measures
plan-version = written by { $who }:
plan-shortcoming = shortcoming: { $text }
plan-measure = measure: { $text }
plan-measure-by = measure: { $text } (by { $by })
plan-confirmed-by = confirmed by { $who }
plan-file = file: { $name } ({ $bytes } bytes)
plan-earlier = earlier versions: { $count }
plan-tally = { $owed } owed: { $time } in time, { $late } late, { $due } waited for, { $overdue } overdue; { $confirmed } confirmed, { $done } done, { $conflict } differ
plan-rule-everybody = everybody who was rated owes a plan within { $days } { $days ->
        [one] working day
       *[other] working days
    }
plan-rule-over-half = who got the lowest level from over half owes a plan within { $days } { $days ->
        [one] working day
       *[other] working days
    }
plan-rule-two-thirds = who got the lowest level from two thirds or more owes a plan within { $days } { $days ->
        [one] working day
       *[other] working days
    }
plan-rule-stands = a result is published, so this rule stands
