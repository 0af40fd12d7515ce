# Settings, exit codes, the doctor, manual pages.

config-file = Settings from { $path }
config-no-file = There is no settings file; what follows comes from elsewhere.
config-right = Everything is right.
config-source-flag = command line
config-source-environment = environment, { $name }
config-source-file = file, line { $line }
config-source-built-in = built in
config-problem = { $path }, line { $line }: { $what }
config-too-long = the file is longer than { $max } bytes; a settings file is short
config-not-text = this is not UTF-8 text: save the file as UTF-8
config-no-toml = this cannot be read: { $what }
config-unknown-key = there is no setting `{ $key }`; there are { $known }
config-bad-value = `{ $key }` does not take this: { $why }
config-bad-variable = variable { $name } does not take this: { $why }
config-data-dir-inside = a file that lies in the centre's folder cannot say where the folder is: name the file with --config
config-want-boolean = write true or false
config-want-one = write one value, not a list
config-want-text = write a text in quotes, a whole number, or true or false
config-number-too-large = the number is too large
config-example-head =
    Settings of the centre. Take away the first # of a line to set it.
    Flags go before variables, variables before this file, this file before what is built in.
    Relative paths go from the folder of this file. `homphieu config check` says what is in force, and what is wrong.
value-possible = it is one of { $value }
value-wrong = it is not of the right form

exit-done = done
exit-failed = failed, or a check found a fault
exit-usage = the arguments or the settings file are wrong; nothing was begun
exit-refused = something stands in the way that a person can settle; nothing was changed
exit-unreachable = a file, the disk, the address or the database cannot be reached or written

man-written = { $count } { $count ->
        [one] page is
       *[other] pages are
    } in { $folder }

doctor-ok = ok
doctor-warn = warn
doctor-fail = FAIL
doctor-rebuilding = checking records
doctor-rebuilt = { $changes } { $changes ->
        [one] change
       *[other] changes
    } of { $units } { $units ->
        [one] unit
       *[other] units
    } checked; { $mended } { $mended ->
        [one] unit
       *[other] units
    } put right
doctor-faults = { $count ->
        [one] one fault was found
       *[other] { $count } faults were found
    }
doctor-name-settings = settings
doctor-name-folder = folder
doctor-name-secrets = secrets
doctor-name-writing = writing
doctor-name-disk = disk
doctor-name-database = database
doctor-name-backup = backup
doctor-name-listen = address
doctor-name-exposure = eavesdropping
doctor-name-certificate = certificate
doctor-name-clock = clock
doctor-name-zone = time zone
doctor-name-files = open files
doctor-name-core = core dumps
doctor-name-calendar = days off

doctor-settings-none = no file; flags, environment and what is built in
doctor-settings-advice = put it right in the settings file; `homphieu config check` shows every setting
doctor-folder-missing = { $path } is not there yet
doctor-folder-missing-advice = the first start makes it; if there should be a centre, check --data-dir
doctor-folder-no-folder = name another folder with --data-dir, or give the centre's user the right to it
doctor-folder-open = others may look in: chmod 700 { $path }
doctor-folder-other-owner = it belongs to user { $owner }: run homphieu as that user, or it makes files that the centre cannot write
doctor-secrets-none-yet = the first start makes the centre's key
doctor-secrets-key-lost = the centre's key (centre.key) is gone, but there is a database
doctor-secrets-key-lost-advice = restore it from a backup; start nothing before, or a new key is made that no tablet knows
doctor-secrets-closed = readable by the owner alone
doctor-secrets-open = others may read { $paths }
doctor-secrets-open-advice = chmod 600 { $paths }
doctor-writing-works = the folder takes writes
doctor-writing-advice = give the centre's user the right to write, free some space, or have the disk checked
doctor-disk-free = { $free } MiB free
doctor-disk-entries = only { $entries } { $entries ->
        [one] more file fits
       *[other] more files fit
    }
doctor-disk-advice = free some space: the page on full disks says what may go
doctor-database-none-yet = the first start makes it
doctor-database-whole = whole and up to date
doctor-database-advice = stop the centre, keep a copy of the folder as it is, and restore from a backup
doctor-database-server-advice = see that the database server runs, and that `database-url` names its address, user and database rightly
doctor-database-newer = written by a newer program (migrations { $numbers })
doctor-database-newer-advice = install the newer program; going back needs the backup from before the upgrade
doctor-database-older = migrations { $numbers } are still to come
doctor-database-older-advice = make a backup; the next start brings it up to date
doctor-backup-none = no checked backup yet
doctor-backup-taken = the newest was taken { $when }
doctor-backup-advice = homphieu backup --to DIR --recipient age1…, or let `serve` do it: --backup-to
doctor-listen-wrong = the address to listen on is not of the form 127.0.0.1:8080
doctor-listen-free = { $address } is free
doctor-listen-taken = something listens on { $address } already
doctor-listen-taken-advice = right if it is the running centre; otherwise choose another port with --listen
doctor-listen-low-port = ports below 1024 are not for ordinary users: take one above
doctor-listen-not-here = this machine does not have that address: look at `ip address`
doctor-exposure-loopback = only this machine reaches the centre
doctor-exposure-tls = under TLS
doctor-exposure-proxy = plain HTTP, because a proxy does TLS
doctor-exposure-proxy-advice = make sure that nobody reaches this address except the proxy
doctor-exposure-plain = plain HTTP for the whole network: anybody on it can read names
doctor-exposure-plain-advice = listen on 127.0.0.1 behind a proxy that does TLS, or give the centre a certificate
doctor-certificate-good = good until { $day }
doctor-certificate-ended = ended on { $day }: browsers refuse it, tablets with a pin go on
doctor-certificate-not-yet = good only from { $day } on
doctor-certificate-not-yet-advice = set this machine's clock right; if it is right, make a new certificate
doctor-certificate-own-advice = a serving centre renews it by itself; by hand: homphieu tls renew
doctor-certificate-others-advice = ask whoever makes your certificates for a new one; the centre takes it up without a restart
doctor-certificate-unusable-advice = put a good pair in its place, or make the centre's own: homphieu tls init
doctor-clock-plausible = { $now } (UTC)
doctor-clock-old = { $now } (UTC) is before this program was written
doctor-clock-behind = { $now } (UTC) is behind files of the centre itself
doctor-clock-advice = set the clock; ballots do not depend on it, but sign-in codes, certificates and minutes do
doctor-zone-unknown = unknown
doctor-zone-advice = people read local time: timedatectl set-timezone Asia/Ho_Chi_Minh
doctor-files-most = at most { $most }
doctor-files-advice = allow more open files: LimitNOFILE=65536 in the systemd unit, or ulimit -n
doctor-core-off = off
doctor-core-on = a crash would write the centre's key to disk
doctor-core-advice = turn them off: LimitCORE=0 in the systemd unit, or ulimit -c 0

serve-restored = This centre was restored from the backup of { $taken }. Not heard from since: { $count ->
        [one] one tablet
       *[other] { $count } tablets
    }; `homphieu round status` names them.
serve-plain-refused = plain HTTP on { $address } would show everything to the whole network and is refused: make a certificate with `homphieu tls init --address ADDRESS`, give one with --tls-cert and --tls-key, or say --behind-proxy if a proxy does TLS
serve-tls-both = give both --tls-cert and --tls-key, or neither
serve-tls-or-proxy = either the centre does TLS (--tls-cert) or a proxy before it does (--behind-proxy)
tls-addresses = addresses
tls-good-until = good until
tls-fingerprint = fingerprint
tls-pin = pin
tls-page = page
tls-authority = authority
tls-server = server
tls-made-advice = Print the page, or carry it with the authority's file to machines with browsers. Tablets need neither.
tls-key-advice = Keep authority.key from everybody else, and in the backup: without it every device must be set up anew.
doctor-calendar-known = days off are known until the end of { $year }
doctor-calendar-unknown = Tết and other days off of { $year } are not known yet
doctor-calendar-advice = write them into { $file } in the centre's folder, beside the days of earlier years: notices of results are due by them
doctor-calendar-form = every line of { $file } is a day, `off` or `worked`, and a name: 2027-02-05,off,Tết
