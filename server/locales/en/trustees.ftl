# What trustees and verifiers read, offline.

name-package = package
name-order = opening order { $number }
name-order-before = order before
name-result-before = result before
name-digest = digest
name-end = end
name-keys = keys
name-result = result
name-recount = recount

ceremony-begins = Round { $round }: { $threshold } of { $trustees } { $trustees ->
        [one] share
       *[other] shares
    } will open it.
ceremony-only = Only trustee { $index } looks at the screen now. This share is shown once.
ceremony-enter-to-see = Press Enter to see it.
ceremony-share = Share { $index } of { $trustees } ({ $threshold } open), version 1, round { $round }
ceremony-copy = Copy it to paper by hand, or scan it to a printer without memory.
ceremony-enter-when-copied = Press Enter when it is on paper; it is wiped from the screen then.
ceremony-type-back = Type share { $index } back from paper:
ceremony-on-paper = Share { $index } is on paper.
ceremony-done = Every share was read back and opens. Public keys are in { $path }.
ceremony-broken-off = the ceremony was broken off: no keys were made, and shares already copied are void

shares-needed = { $count } { $count ->
        [one] share is
       *[other] shares are
    } needed. End with an empty line.
shares-ask = Share:
shares-read = share { $index } read
shares-wrong = share { $index } is wrong, although its checksum fits
shares-open = the shares open round { $round }
shares-not-all-right = not every share given is right
shares-none = no share was given: nothing was recounted

count-no-order = the bundle has no opening order: make one with `round order`
count-round = { $title }  (round { $round })
count-compare = Compare these digits with what was announced and with your share paper. If another order
    with number { $number } is noted there, stop: nobody may open two orders with one number.
count-type = Type `{ $word }` to go on:
count-word = open
count-not-opened = nothing was opened
count-wrong = Share { $index } is wrong, although its checksum fits; the others opened the round.
count-bar = Counting units
count-totals = { $collected } { $collected ->
        [one] ballot
       *[other] ballots
    } collected, { $valid } valid
count-note = Note order and result on each share paper:
count-order = order { $number } { $digest }
count-result = result { $number } { $digest }

verify-bar = Recounting units
verify-genuine = genuine: { $units } { $units ->
        [one] unit
       *[other] units
    }, { $envelopes } { $envelopes ->
        [one] envelope
       *[other] envelopes
    } with { $ballots } { $ballots ->
        [one] sealed ballot
       *[other] sealed ballots
    }, { $orders } { $orders ->
        [one] opening order
       *[other] opening orders
    }
verify-after = { $count } { $count ->
        [one] envelope
       *[other] envelopes
    } came after the last order, not counted
verify-missing = unit { $unit }: missing { $gap }
verify-undecided = unit { $unit }: { $count } { $count ->
        [one] held envelope is
       *[other] held envelopes are
    } left out without a decision of two people
verify-unlisted = unit { $unit }: { $count } { $count ->
        [one] certified tablet is
       *[other] certified tablets are
    } not in the last order; ask why
verify-records = records: { $changes } { $changes ->
        [one] change
       *[other] changes
    }, each as its writer signed it; { $papers } { $papers ->
        [one] paper count is
       *[other] paper counts are
    } opened
verify-twins = unit { $unit }: { $count } { $count ->
        [one] device
       *[other] devices
    } wrote two different things under one number of the record; ask why
verify-papers-unopened = unit { $unit }: { $count } { $count ->
        [one] paper count stands in
       *[other] paper counts stand in
    } the record but not in the last order; ask why
verify-papers-undone = unit { $unit }: { $count } { $count ->
        [one] paper count in the last order does not stand in
       *[other] paper counts in the last order do not stand in
    } the record any more; ask why
verify-no-result = there is no result in the bundle yet
verify-same = the recount gives the signed result
