//! One-time codes of letters: what they open, and what guessing costs.

use super::*;

#[test]
fn the_code_of_a_letter_opens_the_own_result_until_it_acknowledged_and_nothing_else() {
    let desk = Desk::open();
    let codes = desk.letters(&LetterSearch::default());
    let officials: Vec<_> = codes.iter().map(|(official, _)| official.as_str()).collect();
    assert_eq!(officials, ["A1", "A2", "S1", "S2", "T1", "T2"]);
    let code = &codes[1].1;
    // As people type it, and as often as they like.
    for typed in
        [code.clone(), code.to_lowercase().replace('-', " "), code.replace('0', "O").replace('1', "l")]
    {
        let opened = desk.type_code("opening", &typed);
        assert_eq!(opened.status, 200, "{opened:?}");
        let own = opened.json();
        assert_eq!(own["notice"]["name"], "Giàng Thị Hai");
        let shown: Vec<_> =
            own["result"]["officials"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
        assert_eq!(shown, ["A2"], "nobody else's");
    }
    let told = desk.type_code("acknowledgement", code).json();
    assert_eq!((&told["stage"], &told["name"]), (&json!("in_time"), &json!("Giàng Thị Hai")));
    for what in ["opening", "acknowledgement"] {
        let again = desk.type_code(what, code);
        assert_eq!((again.status, again.code()), (403, "letter_used".to_owned()), "{again:?}");
    }
    desk.office.on_centre(async |centre| {
        let (told, stage) = notice(centre, &desk.office, "A2").await;
        assert_eq!((told.told.unwrap().way, stage), (Way::Code, Stage::InTime));
        assert_eq!(told.sent.unwrap().way, Channel::Letter);
    });
    // Who was told gets no letter any more.
    let codes = desk.letters(&LetterSearch::default());
    assert!(codes.iter().all(|(official, _)| official != "A2"));
}

#[test]
fn a_small_unit_s_official_reads_by_letter_that_there_were_too_few_ballots_and_no_more() {
    let desk = Desk::open();
    let own = desk.type_code("opening", &desk.letter_of("S1")).json();
    let text = own.to_string();
    assert!(own["result"]["officials"][0]["levels"].is_null() || !text.contains("\"percent\""), "{text}");
    let office =
        desk.ask(Some(ORGANISER), "GET", "/rounds/{round}/results/officials/S1", &[], &Value::Null).json();
    assert_eq!(own["result"], office, "a letter shows what the official's own page shows");
}

#[test]
fn guessing_kills_a_code_and_costs_the_guesser_time() {
    let desk = Desk::open();
    let code = desk.letter_of("A1");
    // The right beginning and another end: what somebody would do who saw a corner of the letter.
    let near = |n: usize| {
        (0..)
            .map(|more| {
                let letters: Vec<char> = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().collect();
                let mut text: Vec<char> = code.chars().collect();
                text[9] = letters[(n + more / 32) % 32];
                text[14] = letters[more % 32];
                text.into_iter().collect::<String>()
            })
            .find(|text| *text != code && LetterCode::parse(text).is_ok())
            .unwrap()
    };
    let guesses: BTreeSet<_> = (0..32).map(near).collect();
    let most = usize::try_from(WRONG_MAX).unwrap();
    assert!(guesses.len() > most, "{guesses:?}");
    for guess in guesses.iter().take(most) {
        let answer = desk.type_code("opening", guess);
        assert_eq!((answer.status, answer.code()), (403, "letter_code".to_owned()), "{answer:?}");
    }
    let dead = desk.type_code("opening", &code);
    assert_eq!(
        (dead.status, dead.code()),
        (403, "letter_code".to_owned()),
        "dead, and not told from none: {dead:?}"
    );
    let log = succeed(&desk.office.folder(), &["audit", "list", "--action", "letter_code_dead"], "");
    assert_eq!(log.lines().count(), 1, "{log}");
    // A new letter works, and after so many tries the address waits.
    let fresh = desk.letter_of("A1");
    assert_eq!(desk.type_code("opening", &fresh).status, 200);
    let mut last = 0;
    for _ in 0..40 {
        last = desk.type_code("opening", "0000000-0000000").status;
    }
    assert_eq!(last, 429);
}

#[test]
fn what_can_be_no_code_is_refused_and_slips_are_never_taken_for_one() {
    let desk = Desk::open();
    let slip = desk.office.slips[&unit("A")][0].reveal().to_string();
    for wrong in ["", "x", "0000000-0000001", "UUUUUUU-UUUUUUU", &slip, &"0".repeat(1000)] {
        let answer = desk.type_code("opening", wrong);
        assert_eq!(
            (answer.status, answer.code()),
            (422, "letter_code_form".to_owned()),
            "{wrong}: {answer:?}"
        );
    }
    let nobody = desk.type_code("opening", "0000000-0000000");
    assert_eq!((nobody.status, nobody.code()), (403, "letter_code".to_owned()));
    // A code in an address opens nothing: there is no such place.
    let code = desk.letter_of("A1");
    for path in [format!("/letter/opening?code={code}"), format!("/letter/{code}")] {
        assert_ne!(desk.ask(None, "GET", &path, &[], &Value::Null).status, 200);
    }
    let short = request("GET", &format!("{}/n", desk.server.address), &[], b"");
    assert!(
        short.status == 200 || (300..400).contains(&short.status) || short.code() == "web_not_built",
        "{short:?}"
    );
}

#[test]
fn no_code_of_a_letter_is_kept_in_database_log_or_audit() {
    let desk = Desk::open();
    let codes = desk.letters(&LetterSearch::default());
    desk.type_code("opening", &codes[0].1);
    desk.type_code("acknowledgement", &codes[0].1);
    let folder = desk.office.folder();
    let mut bytes = desk.office.database_values();
    let mut folders = vec![folder.clone()];
    while let Some(one) = folders.pop() {
        for entry in std::fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                bytes.extend(std::fs::read(&path).unwrap());
            }
        }
    }
    bytes.extend(std::fs::read(folder.with_extension("log")).unwrap());
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("A1"), "the search finds what is there");
    for (official, code) in &codes {
        let plain = code.replace('-', "");
        // The first five find it, and are no secret.
        for secret in [code.as_str(), &plain, &plain[5..]] {
            assert!(!has(secret), "the code of {official}");
        }
    }
}

#[test]
fn a_new_letter_takes_the_place_of_the_old_one_and_a_later_result_of_both() {
    let desk = Desk::open();
    let (first, second) = (desk.letter_of("A1"), desk.letter_of("A1"));
    assert_eq!(desk.type_code("opening", &first).code(), "letter_code");
    assert_eq!(desk.type_code("opening", &second).status, 200);
    desk.office.on_database(async |db: &mut sqlx::AnyConnection| {
        use sqlx::{Executor, SqlSafeStr};
        db.execute("UPDATE notice SET order_number = 2 WHERE official = 'A1'".into_sql_str()).await.unwrap();
    });
    assert_eq!(desk.type_code("opening", &second).code(), "letter_renewed");
    desk.office.on_database(async |db: &mut sqlx::AnyConnection| {
        use sqlx::{Executor, SqlSafeStr};
        db.execute("UPDATE notice SET order_number = 1 WHERE official = 'A1'".into_sql_str()).await.unwrap();
        db.execute("UPDATE letter_code SET ends_at = 1".into_sql_str()).await.unwrap();
    });
    assert_eq!(desk.type_code("opening", &second).code(), "letter_over");
}

#[test]
fn two_who_acknowledge_with_one_code_at_once_are_one() {
    let desk = Desk::open();
    let code = desk.letter_of("A1");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| desk.type_code("acknowledgement", &code).status)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    let log = succeed(&desk.office.folder(), &["audit", "list", "--action", "notice_acknowledged"], "");
    assert_eq!(log.lines().count(), 1, "{log}");
}
