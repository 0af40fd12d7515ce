backup-place = name a place with --to
backup-short = give a passphrase of at least 16 characters, such as six words drawn by lot
backup-passphrase = Passphrase:
backup-once-more = Once more:
backup-differ = the two passphrases differ
backup-none-typed = no passphrase was typed
backup-open-warning = This backup is not encrypted: whoever can read the file can sign as the centre.
backup-needs-key = a backup holds the centre's key, so it is encrypted: make a key file with `homphieu backup keygen`, keep it elsewhere, and name its recipient with --recipient age1…; or use --passphrase
backup-to-folder = --backup-to { $path }: name a folder that is there
no-centre = there is no centre in { $path }: name it with --data-dir
backup-keygen-1 = { $path } opens backups. It must not lie on the centre: move it to a stick,
backup-keygen-2 = copy that to a second one, lock both away. Without it no backup opens.
backup-holds = bytes: { $bytes }, signed rounds: { $rounds }, rows: { $rows }, files: { $files }; digest { $digest }
backup-verified = verified: read back from the disk, opened, and read to its end as a restore would
backup-try-key = try your key on it now and then: `homphieu restore --rehearse FILE --identity KEYFILE`
backup-not-inside = not inside: { $name }
backup-removed = removed: { $name }
backup-not-removed = not removed: { $name }
backup-none = no backup was made here yet: homphieu backup --to DIR --recipient age1…
backup-encrypted = encrypted
backup-not-encrypted = NOT encrypted
backup-is-verified = verified
backup-is-not-verified = not verified
backup-bytes = { $bytes } bytes
backup-whole = { $path }: whole and unchanged
backup-taken = taken { $when } by version { $version }, database schema { $schema }
backup-named = backup { $name }, digest { $digest }
backup-content = signed rounds: { $rounds }, files: { $files }
backup-no-time = at no known time
backup-bar = Backing up
restore-bar = Restoring
restore-from = Backup { $name }, taken { $when } by version { $version }:
restore-rows = { $rows } { $rows ->
        [one] row
       *[other] rows
    } in { $tables } { $tables ->
        [one] table
       *[other] tables
    }, as many as were written; every reference between them holds
restore-files = files: { $files }
restore-audit = the audit log is whole: { $lines } { $lines ->
        [one] line
       *[other] lines
    }
restore-round = round { $id } ({ $title }): { $envelopes } { $envelopes ->
        [one] envelope
       *[other] envelopes
    } with { $ballots } { $ballots ->
        [one] ballot
       *[other] ballots
    }, { $orders } { $orders ->
        [one] order
       *[other] orders
    }; every signature stands
restore-round-counted = round { $id } ({ $title }): { $envelopes } { $envelopes ->
        [one] envelope
       *[other] envelopes
    } with { $ballots } { $ballots ->
        [one] ballot
       *[other] ballots
    }, { $orders } { $orders ->
        [one] order
       *[other] orders
    }, counted and verified; every signature stands
restore-rehearsed = The copy is removed. This backup restores.
restore-done = Restored into { $path }.
restore-name-database = Before the start: write the database that you named as `database-url` into { $path }; without it the centre begins an empty one.
restore-unname-database = Before the start: take `database-url` out of { $path }; what was restored is a file in the centre's folder. Or restore again with --database-url.
restore-next = Start the centre, then let every tablet and courier synchronise: they bring back what came after
restore-next-status = { $when }. `homphieu round status` names those not heard from yet.
restore-lost = No tablet brings back:
restore-lost-revocations = revocations made after the backup: revoke those devices again before they deliver
restore-lost-decisions = decisions and proposals of two people about what is held or missing: decide them again
restore-lost-sheets = sheet replacements, and rounds imported or signed after the backup
restore-lost-state = that a round was opened, closed or published since: do it again; what comes before the new close is not late
restore-lost-orders = opening orders and results since: if an order was made after the backup, do not make another one with its number; restore a later backup, or ask the trustees for the bundle they were given
restore-lost-people = people added, changed or disabled since, and passwords changed since; everybody signs in anew
restore-lost-invitations = invitations: unused ones are void, make new ones; lines of the audit log written since
restored-when = restored { $restored } from the backup of { $taken }
restored-unheard = not heard from since: unit { $unit }, { $labels }
restored-all-heard = every tablet known at the backup has been heard from since
