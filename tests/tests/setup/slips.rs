//! Permit slips that a page prints: what voids them, which of two printings counts, and that no code stays anywhere.

use super::*;

#[test]
fn slips_whose_print_no_longer_fits_are_void_and_only_those() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let mut all = rules();
    all["attended"] = json!([]);
    let round = desk.create(&small(), &all);
    print_slips(&desk, &round, &[]);
    let put = |path: &str, body: &Value| {
        let answer =
            desk.change("PUT", &format!("/rounds/{round}/draft/{path}"), &desk.revision(&round), body);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["void"].clone()
    };
    let mut other = all.clone();
    other["min_publish"] = json!(6);
    assert_eq!(put("rules", &other), json!([]), "nothing of this is printed on slips");
    let mut tables = small();
    tables[1]["rows"][1]["cells"][3] = json!("Một, tên sửa lại");
    assert_eq!(put("roster", &json!({ "tables": tables })), json!([]), "nor are the names of officials");
    tables[0]["rows"][2]["cells"][3] = json!("6");
    assert_eq!(
        put("roster", &json!({ "tables": tables })),
        json!(["T"]),
        "another number of voters, other slips"
    );
    print_slips(&desk, &round, &["T"]);
    other["mode"] = json!("training");
    assert_eq!(put("rules", &other), json!(["A", "T"]), "slips say whether it is training");
    assert_eq!(desk.get(&format!("/rounds/{round}/draft"))["printed"], 0);
    // A unit that is gone takes everything with it, and comes back without slips.
    print_slips(&desk, &round, &[]);
    let without =
        json!([units(&[&["A", "Xã A", "Đảng bộ", "3"]]), officials(&[&["A", "1", "A1", "Một", "Bí thư"]]),]);
    assert_eq!(put("roster", &json!({ "tables": without })), json!(["T"]));
    assert_eq!(put("roster", &json!({ "tables": small() })), json!([]));
    let listed = desk.get(&format!("/rounds/{round}/draft/units"));
    let printed: Vec<(&Value, &Value)> =
        listed["items"].as_array().unwrap().iter().map(|u| (&u["code"], &u["printed"])).collect();
    assert_eq!(printed, [(&json!("A"), &json!(true)), (&json!("T"), &json!(false))]);
}

#[test]
fn of_two_printings_of_the_same_slips_one_counts_and_the_other_is_told_to_be_destroyed() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let round = desk.create(&small(), &rules());
    let draw = || desk.json("POST", &format!("/rounds/{round}/slips"), &json!({ "units": ["A"] })).json();
    let (first, second) = (draw(), draw());
    assert_ne!(first["units"][0]["codes"], second["units"][0]["codes"], "there is no reprint");
    assert_eq!(confirm(&desk, &round, &second).status, 204);
    assert_eq!(confirm(&desk, &round, &second).status, 204, "an answer that was lost is no second printing");
    let late = confirm(&desk, &round, &first);
    assert_eq!((late.status, late.code().as_str()), (409, "changed_meanwhile"));
    // Drawn before the round was another one: what is on the paper is wrong.
    let stale = draw();
    let mut other = rules();
    other["title"] = json!("Tên khác");
    let seen = desk.revision(&round);
    assert_eq!(desk.change("PUT", &format!("/rounds/{round}/draft/rules"), &seen, &other).status, 200);
    assert_eq!(confirm(&desk, &round, &stale).code(), "changed_meanwhile");
    // What the centre did not sign, or signed for another round, confirms nothing.
    let elsewhere = desk.create(&small(), &rules());
    assert_eq!(confirm(&desk, &elsewhere, &draw()).code(), "slips");
    let mut forged = draw();
    let digits = forged["confirmation"].as_str().unwrap().to_owned();
    let last = if digits.ends_with('0') { '1' } else { '0' };
    forged["confirmation"] = json!(format!("{}{last}", &digits[..digits.len() - 1]));
    assert_eq!(confirm(&desk, &round, &forged).code(), "slips");
    assert_eq!(confirm(&desk, &round, &json!({ "confirmation": "" })).code(), "slips");
}

#[test]
fn the_codes_of_printed_slips_are_nowhere_in_the_centre_its_log_or_its_audit() {
    let office = Office::new();
    let server = Server::start(&office.folder());
    let desk = Desk::of(&office, &server);
    let round = desk.create(&small(), &rules());
    let mut codes = print_slips(&desk, &round, &[]);
    hand_in_keys(&desk, &round);
    let seen = desk.revision(&round);
    assert_eq!(desk.change("POST", &format!("/rounds/{round}/signature"), &seen, &Value::Null).status, 200);
    let new = desk.json("POST", &format!("/rounds/{round}/units/A/slips"), &json!({ "voters": 3 }));
    assert_eq!(new.header("cache-control"), "no-store");
    let new = new.json()["units"][0]["codes"].as_array().unwrap().clone();
    codes.extend(new.iter().map(|code| code.as_str().unwrap().to_owned()));
    assert_eq!(codes.len(), 12);
    let audit = office.on_centre(async |centre| {
        let all = homphieu_server::store::audit::Search::default();
        format!("{:?}", centre.audit(&all, 200).await.unwrap())
    });
    for action in ["round_imported", "slips_drawn", "slips_printed", "draft_keys_handed_in", "round_signed"] {
        assert!(audit.contains(action), "{action}: {audit}");
    }
    let values = office.database_values();
    let look = |when: &str| {
        let mut places = files(&office.folder());
        places.push(("log".to_owned(), std::fs::read(office.folder().with_extension("log")).unwrap()));
        places.push(("audit".to_owned(), audit.clone().into_bytes()));
        places.push(("tables".to_owned(), values.clone()));
        for code in &codes {
            let bare = code.replace('-', "");
            let permit = PermitCode::parse(code).unwrap();
            let nullifier = permit.nullifier(&round_id(&round), &unit("A")).0;
            for (name, bytes) in &places {
                for needle in [code.as_bytes(), bare.as_bytes(), &nullifier[..]] {
                    let found = bytes.windows(needle.len()).any(|window| window == needle);
                    assert!(!found, "a code is in {name}, {when}");
                }
            }
        }
    };
    look("running");
    server.stop();
    look("stopped");
}
