//! Messages go out once each, whatever happens on their way.

use super::*;

#[test]
fn publishing_sends_what_waits_to_whoever_is_reached_and_never_a_figure() {
    let office = published();
    let server = MailServer::start();
    office.on_centre(async |centre| {
        assert_eq!(messages(centre).await.len(), 2);
        // Nothing goes by a way that is not set up, and it does not count as a try.
        assert_eq!(centre.send_due(&Ways::default(), NOW).await.unwrap(), Sent::default());
        let done = centre.send_due(&by_mail(&server), NOW).await.unwrap();
        assert_eq!(done, Sent { sent: 1, later: 0, failed: 0 });
        let sent = message_to(centre, "A1").await;
        assert_eq!((sent.state, sent.tries, sent.done_at), (MessageState::Sent, 1, Some(NOW)));
        assert_eq!(message_to(centre, "T1").await.tries, 0);
        let (told, stage) = notice(centre, &office, "A1").await;
        assert_eq!(told.sent.map(|sent| sent.way), Some(Channel::Email));
        assert_eq!(stage, Stage::Waiting, "that it was sent does not say that anybody read it");
        // Again there is nothing to do, also if the round is published or sent out once more.
        publish(centre, &office).await;
        let again = centre.send_notices(&office.round).await.unwrap();
        assert_eq!((again.email, again.webhook, again.before, again.letter), (0, 0, 2, 4));
        assert_eq!(centre.send_due(&by_mail(&server), NOW).await.unwrap(), Sent::default());
    });
    let inbox = server.inbox();
    assert_eq!(inbox.len(), 1);
    let mail = &inbox[0];
    assert_eq!(mail.to, "mot@dongvan.vn");
    assert!(mail.text.contains("multipart/alternative"), "{}", mail.text);
    // Quoted-printable of what the mail says; the figures of A1 are 8 of 24.
    let read = mail.text.replace("=\r\n", "");
    assert!(
        read.contains("https://phieu.dongvan.vn/console/#/own") && read.contains("was published on"),
        "{read}"
    );
    for figure in ["33,33", "33.33", "24"] {
        let said = read.split("\r\n\r\n").skip(1).collect::<String>();
        let days = said.replace("2024", "").replace(&office.round.uuid().to_string(), "");
        let words: Vec<_> =
            days.split(|c: char| !c.is_ascii_alphanumeric() && c != ',' && c != '.').collect();
        assert!(figure == "24" || !words.contains(&figure), "{figure}: {said}");
    }
}

#[test]
fn a_mail_server_that_is_away_for_hours_loses_nothing_and_gets_nothing_twice() {
    let office = published();
    let port = MailServer::start().port();
    office.on_centre(async |centre| {
        let away = Ways { mail: Some(mailer(port)), ..Ways::default() };
        let mut now = NOW;
        for tries in 1..=6 {
            assert_eq!(centre.send_due(&away, now).await.unwrap(), Sent { sent: 0, later: 1, failed: 0 });
            let message = message_to(centre, "A1").await;
            assert_eq!((message.state, message.tries), (MessageState::Waiting, tries));
            assert!(message.why.is_some() && message.next_at > now, "{message:?}");
            // Before its time it is not tried.
            assert_eq!(centre.send_due(&away, message.next_at - 1).await.unwrap(), Sent::default());
            now = message.next_at;
        }
        let server = MailServer::at(port, None);
        assert_eq!(centre.send_due(&away, now).await.unwrap().sent, 1);
        assert_eq!(centre.send_due(&away, now + 1000 * HOUR).await.unwrap(), Sent::default());
        assert_eq!(server.inbox().len(), 1);
    });
}

#[test]
fn who_dies_between_sending_and_noting_sends_again_under_the_same_id_and_notes_once() {
    let office = published();
    let server = MailServer::start();
    let ways = by_mail(&server);
    office.on_centre(async |centre| {
        let claimed = centre.claim_message((true, false), NOW).await.unwrap().unwrap();
        ways.send(&claimed.message).await.unwrap();
        // The process is gone here. Another one does not touch the message for a while.
        assert_eq!(centre.send_due(&ways, NOW + 299).await.unwrap(), Sent::default());
        assert_eq!(centre.send_due(&ways, NOW + 300).await.unwrap().sent, 1);
        // The first comes back after all: both know that it was sent, and it is noted once.
        centre.note_try(&claimed, Ok(()), NOW + 400).await.unwrap();
        let message = message_to(centre, "A1").await;
        assert_eq!((message.state, message.tries, message.done_at), (MessageState::Sent, 2, Some(NOW + 300)));
        let failure = homphieu_server::domain::outgoing::Failure::ForGood("late".to_owned());
        centre.note_try(&claimed, Err(failure), NOW + 500).await.unwrap();
        assert_eq!(message_to(centre, "A1").await.state, MessageState::Sent, "a late failure undoes nothing");
    });
    let ids: Vec<_> = server.inbox().iter().map(|mail| mail.header("Message-ID").unwrap()).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]), "a receiver can drop the second");
    let log = succeed(&office.folder(), &["audit", "list", "--action", "message_sent"], "");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn a_line_cut_before_the_answer_is_tried_again_and_one_cut_in_the_mail_too() {
    let office = published();
    let server = MailServer::start();
    let ways = by_mail(&server);
    server.plan(&[Mischief::CutInData, Mischief::CutAfterData, Mischief::Busy, Mischief::Recipient(450)]);
    office.on_centre(async |centre| {
        let mut now = NOW;
        for kept in [0, 1, 1, 1] {
            assert_eq!(centre.send_due(&ways, now).await.unwrap().later, 1);
            assert_eq!(server.inbox().len(), kept);
            now = message_to(centre, "A1").await.next_at;
        }
        assert_eq!(centre.send_due(&ways, now).await.unwrap().sent, 1);
    });
    let inbox = server.inbox();
    assert_eq!(inbox.len(), 2, "at least once");
    assert_eq!(inbox[0].header("Message-ID"), inbox[1].header("Message-ID"));
    assert_eq!(inbox[0].header("Date"), inbox[1].header("Date"));
}

#[test]
fn a_refusal_for_good_waits_for_a_person_who_may_send_again_or_give_up() {
    let office = published();
    let server = MailServer::start();
    let ways = by_mail(&server);
    server.plan(&[Mischief::Recipient(550), Mischief::Recipient(550)]);
    office.on_centre(async |centre| {
        assert_eq!(centre.send_due(&ways, NOW).await.unwrap().failed, 1);
        let failed = message_to(centre, "A1").await;
        assert!(
            failed.state == MessageState::Failed && failed.why.as_ref().unwrap().contains("550"),
            "{failed:?}"
        );
        assert_eq!(centre.send_due(&ways, NOW + 1000 * HOUR).await.unwrap(), Sent::default());
        // The address was wrong: it is corrected, and the message goes there.
        let known = centre.contact(ContactKind::Official, "A1").await.unwrap();
        let right =
            Contact { version: known.version, ..contact("A1", "dung@dongvan.vn", "", Channel::Email) };
        centre.put_contact(&right).await.unwrap();
        let again = centre.send_again(failed.id).await.unwrap();
        assert_eq!(
            (again.state, again.tries, again.address.as_str()),
            (MessageState::Waiting, 0, "dung@dongvan.vn")
        );
        assert_eq!(centre.send_due(&ways, NOW).await.unwrap().failed, 1);
        let given_up = centre.give_message_up(failed.id).await.unwrap();
        assert_eq!(given_up.state, MessageState::GivenUp);
        assert_eq!(centre.send_due(&ways, NOW + 1000 * HOUR).await.unwrap(), Sent::default());
        // What was given up may be taken up again; what was sent may not.
        centre.send_again(failed.id).await.unwrap();
        assert_eq!(centre.send_due(&ways, NOW).await.unwrap().sent, 1);
        for error in [
            centre.send_again(failed.id).await.unwrap_err(),
            centre.give_message_up(failed.id).await.unwrap_err(),
        ] {
            assert_eq!(error.code(), "message_sent");
        }
    });
    assert_eq!(server.inbox()[0].to, "dung@dongvan.vn");
}

#[test]
fn tries_end_after_some_days_and_the_message_is_said_to_have_failed() {
    let office = published();
    office.on_centre(async |centre| {
        let away = Ways { mail: Some(mailer(9)), ..Ways::default() };
        let (mut now, mut tries) = (NOW, 0);
        loop {
            let done = centre.send_due(&away, now).await.unwrap();
            tries += 1;
            if done.failed == 1 {
                break;
            }
            now = message_to(centre, "A1").await.next_at;
        }
        assert_eq!(tries, TRIES_MAX);
        assert!((96 * HOUR..144 * HOUR).contains(&(now - NOW)), "{} hours", (now - NOW) / HOUR);
    });
}

#[test]
fn two_workers_and_twenty_messages_send_each_once() {
    let office = counted();
    let server = MailServer::start();
    let ways = by_mail(&server);
    office.on_centre(async |centre| {
        for code in ["A1", "A2", "S1", "S2", "T1", "T2"] {
            centre
                .put_contact(&contact(code, &format!("{code}@dongvan.vn"), "", Channel::Email))
                .await
                .unwrap();
        }
        publish(centre, &office).await;
        let passes = (0..4).map(|_| centre.send_due(&ways, NOW)).collect::<Vec<_>>();
        let mut sent = 0;
        let mut running = Vec::new();
        for pass in passes {
            running.push(pass);
        }
        for done in join_all(running).await {
            sent += done.unwrap().sent;
        }
        assert_eq!(sent, 6);
    });
    let to: BTreeSet<_> = server.inbox().into_iter().map(|mail| mail.to).collect();
    assert_eq!((server.inbox().len(), to.len()), (6, 6));
}

/// Polls all of them in turn until each is done.
async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| Some(Box::pin(future))).collect();
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (place, slot) in futures.iter_mut().enumerate() {
            if let Some(future) = slot
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                (done[place], *slot) = (Some(output), None);
            }
        }
        if futures.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}
