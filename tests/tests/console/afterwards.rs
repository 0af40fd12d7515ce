//! After the count on the pages: figures of several rounds, notices, letters, plans, links that messages carry.

use super::*;

/// Two rounds of the same roster, of which the later one has other posts; in each `A` and `S` are published.
fn two_rounds() -> (Office, Value, Server) {
    let (mut office, people) = full_office(Mode::Official);
    let server = Server::start(&office.folder());
    let transport = Http::new(&server.address);
    for time in ["first", "second"] {
        for (code, voters) in [("A", 0..21), ("S", 0..4), ("T", 0..6)] {
            let mut tablet = office.tablet(&format!("{time}-{code}"), &[code], &server.address);
            office.cast(&mut tablet, code, voters);
            tablet.close(&homphieu_tests::office::unit(code)).unwrap();
            tablet.sync(&transport).unwrap();
        }
        office.count();
        office.on_centre(async |centre| {
            let units = ["A".to_owned(), "S".to_owned()];
            let report = centre.publish(&office.round, &units).await.unwrap();
            assert!(report.units.iter().all(|unit| unit.obstacles.is_empty()), "{:?}", report.units);
        });
        if time == "first" {
            let officials = HOSTILE_OFFICIALS.replace("</b>,Bí thư", "</b>,<u>Chủ tịch</u>");
            let choices = Choices { title: "Đợt <s>hai</s>".to_owned(), ..choices(Mode::Official) };
            office.one_more(HOSTILE_UNITS, &officials, choices);
        }
    }
    (office, people, server)
}

#[test]
fn figures_stand_beside_earlier_ones_with_bases_and_what_differs_and_small_groups_stay_hidden() {
    let (office, people, server) = two_rounds();
    let figures = office.on_centre(async |centre| centre.figures(&office.round).await.unwrap());
    let hall = json!({
        "address": server.address,
        "people": people,
        "round": office.round.uuid(),
        "figures": serde_json::to_value(figures).unwrap(),
    });
    let said = play("console-compare.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 5, "{said}");
}

#[test]
fn officials_see_their_earlier_rounds_by_letter_and_on_their_own_page_and_small_groups_stay_hidden() {
    let (office, people, server) = two_rounds();
    let (letters, earlier) = office.on_centre(async |centre| {
        let which = LetterSearch::default();
        let made = centre.make_letters(&office.round, &which, 30).await.unwrap();
        let (mut letters, mut earlier) = (serde_json::Map::new(), serde_json::Map::new());
        for letter in made {
            let code = letter.code.reveal().to_string();
            let opened = centre.open_letter(&code).await.unwrap();
            assert_eq!(opened.earlier.len(), 1, "the round itself is none of the earlier ones");
            let small = letter.notice.unit.as_str() == "S";
            assert_eq!(opened.earlier[0].shares.is_none() && opened.earlier[0].base.is_none(), small);
            earlier.insert(letter.notice.official.clone(), serde_json::to_value(&opened.earlier[0]).unwrap());
            letters.insert(letter.notice.official, json!(code));
        }
        (letters, earlier)
    });
    let hall = json!({ "address": server.address, "people": people, "letters": letters, "earlier": earlier });
    let said = play("console-earlier.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 2, "{said}");
}

#[test]
fn who_was_told_is_seen_noted_and_acknowledged_by_those_who_may() {
    let (office, people, server) = two_rounds();
    let hall = json!({ "address": server.address, "people": people, "round": office.round.uuid() });
    let mut server = server;
    office.on_centre(async |centre| {
        let four = Contact::new(ContactKind::Official, "S2", "Bốn", "bon@dongvan.vn", "", Channel::Email);
        centre.put_contact(&four.unwrap()).await.unwrap();
    });
    let try_mail = |outcome: Result<(), Failure>| {
        office.on_centre(async |centre| {
            let claimed = centre.claim_message((true, false), i64::MAX / 2).await.unwrap().unwrap();
            centre.note_try(&claimed, outcome, 1_800_000_000).await.unwrap();
        });
    };
    let said = play("console-notices.mjs", &hall, |asked| {
        match asked.as_str().unwrap() {
            "refuse mail" => try_mail(Err(Failure::ForGood("permanent error (550)".to_owned()))),
            "take mail" => try_mail(Ok(())),
            "stop" => server.kill(),
            "start" => server.restart(&office.folder()),
            other => panic!("nobody knows how to {other}"),
        }
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 4, "{said}");
    let tallies = office.on_centre(async |centre| centre.round_tallies(&office.round).await.unwrap());
    assert_eq!(
        (tallies.notices.notices, tallies.notices.in_time),
        (4, 3),
        "two signed on paper, one said so on the page"
    );
}

#[test]
fn officials_read_their_result_by_letter_and_the_office_sees_where_each_is_reached_and_what_went_out() {
    let (office, people, server, _tablet) = voted();
    office.count();
    let reached = |name: &str, email: &str| {
        let made = Contact::new(ContactKind::Official, name, name, email, "", Channel::Email);
        made.unwrap()
    };
    let letter = office.on_centre(async |centre| {
        centre.put_contact(&reached("A1", "mot@dongvan.vn")).await.unwrap();
        centre.publish(&office.round, &["A".to_owned()]).await.unwrap();
        let claimed = centre.claim_message((true, false), i64::MAX / 2).await.unwrap().unwrap();
        let refused = Failure::ForGood("permanent error (550): <script>no such user</script>".to_owned());
        centre.note_try(&claimed, Err(refused), 1_800_000_000).await.unwrap();
        let officials = BTreeSet::from(["A1".to_owned()]);
        let which = LetterSearch { officials, ..LetterSearch::default() };
        let made = centre.make_letters(&office.round, &which, 30).await.unwrap();
        made[0].code.reveal().to_string()
    });
    let slip = office.slips[&homphieu_tests::office::unit("A")][0].reveal().to_string();
    let hall = json!({ "address": server.address, "people": people, "letter": letter, "slip": slip });
    let said = play("console-ways.mjs", &hall, |asked| {
        assert_eq!(asked, "change A2");
        office.on_centre(async |centre| {
            let known = centre.contact(ContactKind::Official, "A2").await.unwrap();
            let changed = Contact { version: known.version, ..reached("A2", "hai2@dongvan.vn") };
            centre.put_contact(&changed).await.unwrap();
        });
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 8, "{said}");
}

#[test]
fn a_plan_goes_from_the_official_to_the_head_to_the_inspector_and_a_tablets_version_is_shown_beside_it() {
    let (office, people, mut server, mut tablet) = voted();
    let (a, http) = (homphieu_tests::office::unit("A"), Http::new(&server.address));
    office.count();
    office.on_centre(async |centre| centre.publish(&office.round, &["A".to_owned()]).await.unwrap());
    let person = tablet.join(&a, "Lý Thị Ghi").unwrap();
    tablet.set_pin(&a, &person, None, "2468").unwrap();
    let acting = tablet.act_as(&a, &person, "2468").unwrap();
    office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(a.clone()));
    let hall = json!({ "address": server.address, "people": people, "round": office.round.uuid() });
    let said = play("console-plans.mjs", &hall, |asked| {
        match asked.as_str().unwrap() {
            "write at the centre" => office.on_centre(async |centre| {
                let person = centre.person_named("xa-a").await.unwrap();
                let own = centre.acting_for(Actor::Person(person));
                let words = "viết tại trung tâm".to_owned();
                let text = PlanText { shortcomings: vec![words.clone()], measures: vec![(words, None)] };
                own.write_plan((&office.round, Some("A")), "A1", "none", &text).await.unwrap();
            }),
            "tablet writes" => {
                let words = "viết trên máy không mạng".to_owned();
                let plan = NewPlan {
                    official: "A1".to_owned(),
                    based_on: Vec::new(),
                    shortcomings: vec![words.clone()],
                    measures: vec![(words, None)],
                };
                tablet.write_plan(&acting, plan, None).unwrap();
                tablet.sync(&http).unwrap();
            }
            "stop" => server.kill(),
            other => panic!("nobody knows how to {other}"),
        }
        json!(true)
    });
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 8, "{said}");
}

/// The page of the message whose key has this in it.
fn page_of(messages: &[Message], key: &str) -> Value {
    let found = messages.iter().find(|message| message.key.contains(key));
    json!(found.unwrap_or_else(|| panic!("no message {key}")).words.page)
}

#[test]
fn whoever_follows_the_link_of_a_message_does_there_what_it_asks() {
    let (office, people, server, _tablet) = voted();
    office.count();
    let login = |role: &str| people[role]["login"].as_str().unwrap().to_owned();
    let (inspector, organiser) = (login("inspector"), login("organiser"));
    let today = office.on_centre(async |centre| {
        for (kind, code) in [
            (ContactKind::Official, "A1"),
            (ContactKind::Unit, "A"),
            (ContactKind::Person, inspector.as_str()),
            (ContactKind::Person, organiser.as_str()),
        ] {
            let email = format!("{}@dongvan.vn", code.to_lowercase());
            let contact = Contact::new(kind, code, code, &email, "", Channel::Email).unwrap();
            centre.put_contact(&contact).await.unwrap();
        }
        centre.publish(&office.round, &["A".to_owned()]).await.unwrap();
        centre.reminders().await.unwrap().today
    });
    let before = |days: u64| day_text(today - std::time::Duration::from_secs(days * 86_400));
    for table in ["notice", "plan"] {
        let late = before(1);
        office.on_database(async |db| {
            let set = format!("UPDATE {table} SET made_on = '2020-01-31', due_on = $1");
            sqlx::query(sqlx::AssertSqlSafe(set)).bind(late).execute(db).await.unwrap();
        });
    }
    let messages = office.on_centre(async |centre| {
        let own = centre.acting_for(Actor::Person(centre.person_named(&inspector).await.unwrap()));
        let visit = json!({
            "state": "made", "planned_on": before(9), "made_on": before(9), "people": ["Lý Đi"], "purpose": "xem",
            "findings": [
                { "text": "thiếu sổ ghi", "measure": "ghi lại sổ", "due_on": before(8), "follow_up": "open" },
            ],
        });
        own.plan_visit(&office.round, "A", serde_json::from_value(visit).unwrap()).await.unwrap();
        let own = centre.acting_for(Actor::Person(centre.person_named(&organiser).await.unwrap()));
        // So often that the next one is near.
        let rhythm = Rhythm { months: 1, remind_before: 60, ..Rhythm::default() };
        own.set_rhythm(rhythm, 0).await.unwrap();
        centre.remind().await.unwrap();
        centre.messages(&OutboxSearch::default(), None, 200).await.unwrap()
    });
    // What a visit found is known by its visit, which nobody knows beforehand.
    let follow_up = |whom: &str| {
        let found: Vec<Message> =
            messages.iter().filter(|one| one.key.contains("/follow_up/")).cloned().collect();
        page_of(&found, whom)
    };
    let links = json!({
        "notice": page_of(&messages, &format!("notice/{}/A/A1/", office.round.uuid())),
        "notice official": page_of(&messages, "/notice/A/A1/official/"),
        "plan official": page_of(&messages, "/plan/A/A1/official/"),
        "plan unit": page_of(&messages, "/plan/A/A1/unit/"),
        "notice unit": page_of(&messages, "/notice/A/A2/unit/"),
        "follow up unit": follow_up("/unit/"),
        "follow up inspectors": follow_up("/inspectors/"),
        "next round": page_of(&messages, "/next_round/"),
    });
    let hall = json!({ "address": server.address, "people": people, "links": links });
    let said = play("console-links.mjs", &hall, |asked| panic!("nobody knows how to {asked}"));
    let Some(said) = said else { return };
    assert!(said["views"].as_u64().unwrap() >= 3, "{said}");
}
