# Ways by which notices reach people: e-mail, gateways of messages, printed letters with a code.

contact-by-email = e-mail { $to }
contact-by-letter = letter
contact-by-webhook = message { $to }
contact-imported = { $added } new, { $changed } changed, { $same } the same
contact-none = no such contact
contact-not-imported = nothing was imported: correct the above and import again

notice-by-code = with the code of a letter
notice-by-page = on their own page
notice-by-paper = signed on paper
notice-not-sent = not sent
notice-sending = { $email } by e-mail and { $webhook } by message go out now; { $before } went before; { $letter } need a letter
notice-sent-email = e-mail sent on { $on }
notice-sent-letter = letter printed on { $on }
notice-sent-webhook = message sent on { $on }

outbox-failed = FAILED, { $at }: { $why }
outbox-given-up = given up, { $at }
outbox-none = no such message
outbox-not-needed = not needed any more, { $at }: { $why }
outbox-sent = sent, { $at }
outbox-trying = tried { $tries } { $tries ->
        [one] time
       *[other] times
    }, again { $next }: { $why }
outbox-waiting = waits

ways-key-made = the key is in { $path }: give the gateway the same line, and let nobody else read it
ways-no-mail = no mail server is set up: set mail-server and mail-from as for `serve`
ways-no-settings = something is wrong with the settings of `serve`: run `homphieu config check`
ways-no-webhook = no gateway is set up: set webhook and webhook-key-file as for `serve`
ways-test-failed = not sent, and it may do later: { $why }
ways-test-refused = refused: { $why }
ways-test-sent = handed to the server for { $to }; number of the message: { $id }

doctor-ways-address-advice = set public-address, so that messages and letters say where to read
doctor-ways-advice = correct the settings, then try `homphieu mail test` or `homphieu webhook test`
doctor-ways-no-address = { $ways } set up, but no message leads to the centre
doctor-ways-none = no e-mail and no messages leave: everybody gets letters
doctor-ways-readable = others can read { $path } ({ $setting })
doctor-ways-readable-advice = chmod 600 { $path }
doctor-ways-set = { $ways }; messages lead to { $address }

demo-told = TOLD THEIR RESULT
demo-told-ways = { $all } { $all ->
        [one] official
       *[other] officials
    }: { $mails } by e-mail, { $messages } by message, { $letters } by a letter with a code; no mail and no message holds a figure
demo-told-said = said that they saw it: { $paper } signed on paper, { $code } with the code of a letter, { $page } on their own page
demo-told-stages = { $time } in time, { $late } late, { $waiting } still have time, { $overdue } overdue
demo-told-try = Read a result as an official without an account: open { $page } and type { $code }, from the letter of { $who }.
demo-fault-told = told in every way, and some not in time
demo-how-told = signed, seen on the page, by a letter’s code; who is overdue is shown
demo-fault-noted-late = mail sent, then the centre died before it noted it
demo-how-noted-late = sent again under the same number
demo-fault-mail-away = mail while the mail server was away for hours
demo-how-mail-away = waited, sent once each
demo-fault-code = code of a letter that somebody guesses at
demo-how-code = dead after ten tries
