//! Addresses of people, and who may do what with messages.

use super::*;

#[test]
fn contacts_are_entered_by_one_and_a_second_who_did_not_see_it_is_told() {
    let desk = Desk::open();
    let path = "/contacts/official/A2";
    let put = |tag: &[(&str, &str)], email: &str| {
        desk.ask(
            Some(ORGANISER),
            "PUT",
            path,
            tag,
            &json!({ "name": "Giàng Thị Hai", "email": email, "way": "email" }),
        )
    };
    assert_eq!(desk.ask(Some(ORGANISER), "GET", path, &[], &Value::Null).code(), "unknown_contact");
    assert_eq!(put(&[], "hai@dongvan.vn").json()["version"], 1);
    assert_eq!(put(&[], "khac@dongvan.vn").status, 412, "there is one already");
    assert_eq!(put(&[("if-match", "\"1\"")], "hai2@dongvan.vn").json()["version"], 2);
    let late = put(&[("if-match", "\"1\"")], "hai3@dongvan.vn");
    assert_eq!((late.status, late.code()), (412, "changed_meanwhile".to_owned()));
    for bad in ["x", "a@b", "a@b.vn\nBcc: c@d.vn"] {
        let answer = put(&[("if-match", "\"2\"")], bad);
        assert_eq!((answer.status, answer.code()), (422, "contact".to_owned()), "{bad}");
    }
    let found = desk.ask(Some(ORGANISER), "GET", "/contacts?text=giang%20thi", &[], &Value::Null).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(desk.ask(Some(ORGANISER), "DELETE", path, &[], &Value::Null).status, 428);
    assert_eq!(desk.ask(Some(ORGANISER), "DELETE", path, &[("if-match", "\"1\"")], &Value::Null).status, 412);
    assert_eq!(desk.ask(Some(ORGANISER), "DELETE", path, &[("if-match", "\"2\"")], &Value::Null).status, 204);
    assert_eq!(desk.ask(Some(INSPECTORS[0]), "GET", "/contacts", &[], &Value::Null).code(), "role");
    let log = succeed(&desk.office.folder(), &["audit", "list", "--action", "contact_noted"], "");
    assert!(!log.contains('@') && log.contains("official/A2"), "the log says that, and not where: {log}");
}

#[test]
fn contacts_are_imported_as_a_whole_or_not_at_all_and_notices_follow_them() {
    let desk = Desk::open();
    let url = format!("{}/api/v1/contacts/import", desk.server.address);
    let bearer = desk.office.bearer(ORGANISER);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/octet-stream")];
    let import = |text: &str| request("POST", &url, &headers, text.as_bytes());
    let head = "Mã,Họ và tên,E-mail,Điện thoại,Cách gửi\n";
    let table = format!("{head}A2,Hai,hai@dongvan.vn,,\nZ9,Ai đó,ai@dongvan.vn,,\nT2,Sáu,sai,,\n");
    let wrong = import(&table);
    assert_eq!((wrong.status, wrong.code()), (422, "contacts".to_owned()));
    let detail = wrong.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("row 3, column A") && detail.contains("row 4, column C"), "{detail}");
    let cells = wrong.json()["problems"].as_array().unwrap().clone();
    let cells: Vec<_> =
        cells.iter().map(|one| (one["code"].clone(), one["row"].clone(), one["column"].clone())).collect();
    let cell = |code: &str, row: u32, column: u32| (json!(code), json!(row), json!(column));
    assert_eq!(cells, [cell("unknown_official", 3, 0), cell("contact_email", 4, 2)]);
    desk.office.on_centre(async |centre| {
        assert!(centre.contact(ContactKind::Official, "A2").await.is_err(), "nothing of it was taken");
    });
    let good = format!("{head}A1,Một,mot@dongvan.vn,,\nA2,=1+1,hai@dongvan.vn,,\nT2,Sáu,,0912345670,Zalo\n");
    assert_eq!(import(&good).json(), json!({ "added": 2, "changed": 1, "same": 0 }));
    assert_eq!(import(&good).json(), json!({ "added": 0, "changed": 0, "same": 3 }));
    let sent = desk.ask(Some(ORGANISER), "POST", "/rounds/{round}/notices/sending", &[], &Value::Null).json();
    assert_eq!(sent, json!({ "email": 1, "webhook": 1, "before": 2, "letter": 2 }));
    let file = desk.office.home().join("danh-ba.csv");
    std::fs::write(&file, &good).unwrap();
    let password = format!("mật khẩu của {ORGANISER}\n");
    let path = file.to_str().unwrap();
    let told = succeed(&desk.office.folder(), &["contact", "import", path, "--as", ORGANISER], &password);
    assert!(told.contains("3 the same"), "{told}");
    let wrong_file = desk.office.home().join("sai.csv");
    std::fs::write(&wrong_file, &table).unwrap();
    let wrong_path = wrong_file.to_str().unwrap();
    for (language, expected) in [
        (
            "vi",
            "sai.csv, dòng 4, cột C (E-mail): đây không phải địa chỉ thư điện tử: hãy viết như ten@vidu.vn",
        ),
        ("en", "sai.csv, row 4, column C (E-mail): that is no e-mail address: write it as ten@vidu.vn"),
    ] {
        let args = ["--lang", language, "contact", "import", wrong_path, "--as", ORGANISER];
        let said = refused(&desk.office.folder(), &args, &password);
        assert!(said.contains(expected), "{said}");
    }
    let list = succeed(&desk.office.folder(), &["contact", "list", "--way", "email"], "");
    assert!(list.lines().count() == 2 && list.contains("hai@dongvan.vn"), "{list}");
}

#[test]
fn only_the_office_sends_gives_up_and_makes_letters() {
    let office = published();
    office.hire("xa-a", &[Role::Unit], |profile| profile.unit = Some(unit("A")));
    office.on_centre(async |centre| {
        for login in [INSPECTORS[0], "xa-a"] {
            let person = centre.person_named(login).await.unwrap();
            let them = centre.acting_for(homphieu_server::service::Actor::Person(person));
            let id = message_to(centre, "A1").await.id;
            let codes = [
                them.send_again(id).await.unwrap_err(),
                them.give_message_up(id).await.unwrap_err(),
                them.send_notices(&office.round).await.unwrap_err(),
                them.make_letters(&office.round, &LetterSearch::default(), 30).await.unwrap_err(),
                them.put_contact(&contact("A2", "", "", Channel::Letter)).await.unwrap_err(),
            ];
            assert!(codes.iter().all(|error| error.code() == "role"), "{login}: {codes:?}");
        }
        for days in [0, 91] {
            let made = centre.make_letters(&office.round, &LetterSearch::default(), days).await;
            assert_eq!(made.unwrap_err().code(), "letter_days");
        }
        // Only whom no other way reaches.
        let which = LetterSearch { without_other_way: true, ..LetterSearch::default() };
        let made = centre.make_letters(&office.round, &which, 30).await.unwrap();
        let to: Vec<_> = made.iter().map(|letter| letter.notice.official.as_str()).collect();
        assert_eq!(to, ["A2", "S1", "S2", "T2"]);
        let tallies = centre.round_tallies(&office.round).await.unwrap();
        let figures = &tallies.notices;
        assert_eq!((figures.notices, figures.sent), (6, 4));
        let found = centre.notices(&NoticeSearch::default(), &Place::default(), 10).await.unwrap();
        assert_eq!(found.len(), 6);
    });
}

#[test]
fn messages_and_contacts_are_paged_without_a_gap_and_what_is_no_place_is_refused() {
    let desk = Desk::open();
    desk.office.on_centre(async |centre| {
        for code in ["A2", "S1", "S2", "T2"] {
            centre.put_contact(&contact(code, "ai@dongvan.vn", "", Channel::Email)).await.unwrap();
        }
        centre.send_notices(&desk.office.round).await.unwrap();
    });
    let page = |path: &str| desk.ask(Some(ORGANISER), "GET", path, &[], &Value::Null);
    for (list, all, key) in [("/outbox", 6, "id"), ("/contacts", 6, "code")] {
        let (mut after, mut seen) = (String::new(), Vec::new());
        loop {
            let answer = page(&format!("{list}?limit=1{after}")).json();
            seen.extend(answer["items"].as_array().unwrap().iter().map(|one| one[key].to_string()));
            let Some(next) = answer["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        let different: BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), different.len()), (all, all), "{list}");
    }
    assert_eq!(page("/outbox?state=waiting&kind=notice").json()["items"].as_array().unwrap().len(), 6);
    assert_eq!(page("/outbox?kind=reminder").json()["items"], json!([]));
    for bad in [
        "/outbox?state=lost",
        "/outbox?after=zz",
        "/outbox?after=41",
        "/contacts?way=pigeon",
        "/contacts?text=%00",
    ] {
        let answer = page(bad);
        assert_eq!((answer.status, answer.code()), (400, "query".to_owned()), "{bad}: {answer:?}");
    }
    let nobody = "/outbox/00000000-0000-4000-8000-000000000000/retry";
    assert_eq!(desk.ask(Some(ORGANISER), "POST", nobody, &[], &Value::Null).code(), "unknown_message");
}
