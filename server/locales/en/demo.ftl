# The demo.

demo-title = One round from beginning to end
demo-place = { $units } { $units ->
        [one] unit
       *[other] units
    } of the 2018 roster, seed { $seed }; everything lies in { $folder }
demo-end = { $cast } { $cast ->
        [one] ballot
       *[other] ballots
    } cast on { $tablets } { $tablets ->
        [one] tablet
       *[other] tablets
    }, { $counted } counted, in { $seconds } s
demo-stays = The centre stays up until Ctrl-C. Look at it from another terminal, as an inspector:
demo-console = LOOK AT IT ON THE OFFICE'S PAGE  (an account that only a demo has: one person who may do everything of the office)
demo-console-open = Open this page in a browser, and choose Results of the round that was played:
demo-console-account = Login: { $login }   Password: { $password }
demo-try = TRY IT YOURSELF  (a training round of its own, unit { $unit }; no ballot in it counts)
demo-try-open = Open this page in a browser; in a second browser it is a second tablet:
demo-try-tokens = Enrolment tokens, one for each tablet:
demo-try-digits = The groups of digits on the unit's paper list:
demo-try-slips = SPECIMEN slips of the training round, one for each voter (a real round never shows a code on a screen):
demo-try-own = To make a round of your own: choose Set a round up on the office's page and drop this workbook there (its keys are made on /trustees/ of the same address):
demo-try-paper = All slips and the unit's list, as they are printed: { $folder }
demo-wrong = the round did not come out as planted
demo-step-enrol = Tablets enrol
demo-step-check-in = Check-in
demo-step-vote = Voting, without network
demo-step-minutes = Records and minutes
demo-step-carry = A courier carries
demo-step-late = Late tablets
demo-step-sync = Sync over HTTP
demo-step-disk = The disk is lost and restored
demo-step-again = Sync again
demo-step-finish = The round ends
demo-step-count = Trustees open and count
demo-step-verify = Outsiders verify and recount
demo-results = RESULTS  ({ $title }, order { $number })
demo-results-what = Marks of all officials of a unit together, in percent of its marked lines.
demo-columns = unit|name|collected|valid|invalid|note
demo-all = all
demo-without = without { $units }
demo-none = none
demo-too-few = too few ballots
demo-attended = attended
demo-faults = PLANTED FAULTS
demo-found = found
demo-not-found = WRONG
demo-of = { $found } of { $planted }
demo-verdict = AGAINST THE PLANTED TRUTH
demo-right = every figure of { $units } { $units ->
        [one] unit
       *[other] units
    } and { $officials } { $officials ->
        [one] official
       *[other] officials
    } is right, { $ballots } { $ballots ->
        [one] ballot
       *[other] ballots
    }
demo-different = DIFFERENT
demo-fault-offline = tablet without any network
demo-how-offline = confirmed by courier
demo-fault-answer = answer lost after the centre stored
demo-how-answer = sent again, counted once
demo-fault-killed = tablet killed in the middle of a cast
demo-how-killed = nothing lost, nothing twice
demo-fault-equal = slip used twice, equal marks
demo-how-equal = counted once
demo-fault-conflicting = slip used twice, different marks
demo-how-conflicting = collected, invalid
demo-fault-copied = ballot copied byte by byte
demo-how-copied = counted once
demo-fault-forged = ballot forged under a seen nullifier
demo-how-forged = listed, spoils nothing
demo-fault-not-issued = ballot under a slip never printed
demo-how-not-issued = listed, never collected
demo-fault-changed = envelope changed on its way
demo-how-changed = refused
demo-fault-cloned = cloned tablet
demo-how-cloned = held, both admitted by two people
demo-fault-revoked = revoked tablet
demo-how-revoked = held, left out by two people
demo-fault-late = tablet after the close
demo-how-late = held, admitted by two people
demo-fault-unclosed = box never closed
demo-how-unclosed = missing, written off by two people
demo-fault-disk = confirmed, then lost with the centre's disk
demo-how-disk = sent again by the tablet
demo-fault-disagreed = two tablets note different numbers present
demo-how-disagreed = settled by the counting head
demo-fault-twice = voter checked in on two tablets
demo-how-twice = both seen, the wrong one undone
demo-fault-home = used slip taken home
demo-how-home = warning, explained by a second person
demo-fault-noted = slips printed noted wrong
demo-how-noted = publication refused, corrected, signed anew
demo-fault-counter = member of the counting committee on the ballot
demo-how-counter = left unpublished by two people
demo-fault-finished = tablet after the round is finished
demo-how-finished = holds no ballot any more
demo-fault-plans = stages of correction plans
demo-how-plans = each has a plan
demo-fault-plans-offline = plan written on a tablet offline
demo-how-plans-offline = arrived at the centre
demo-way = A UNIT WITHOUT ANY NETWORK  ({ $unit })
demo-way-half = Half of the voters have voted.
demo-way-closed = The boxes are closed.
demo-way-hall = The tablets meet in a network of their own, in the hall, and the minutes are signed there.
demo-way-stick = { $tablet } gives a file on a stick to { $courier }, who signs for it.
demo-way-screen = { $tablet } shows codes, { $courier } films them: { $read } of { $shown } { $shown ->
        [one] code
       *[other] codes
    } read.
demo-way-centre = Both couriers reach the centre. In the hall nobody can know that yet.
demo-way-stick-back = { $courier } brings a file back to { $tablet }.
demo-way-screen-back = { $courier } shows codes to { $tablet }.
demo-way-hall-back = { $tablet } tells the others in the hall.
demo-way-end = The round is finished; a file says so to one tablet, which tells the others.
demo-way-same = Nothing changes for the tablets.
demo-fault-isolated = tablet of a unit that never has a network
demo-how-isolated = confirmed by stick, codes and hall; every state was true
demo-printed = { $count } { $count ->
        [one] document
       *[other] documents
    } (ballots, specimen slips, minutes, notices, plan forms, reports, figures of the year) printed to { $folder }
demo-oversight = WHERE A VISIT IS NEEDED
demo-oversight-look = Oversight: { $page } (login { $login }, one-time password { $password })
demo-fault-shows = signs of formalism
demo-how-shows = rang in those units and nowhere else
