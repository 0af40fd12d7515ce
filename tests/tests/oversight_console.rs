//! The inspection committee's walk through the console, in a real browser, against a real centre.

use client_ffi::transport::Http;
use homphieu_server::domain::person::Role;
use homphieu_server::service::Actor;
use homphieu_tests::browser::{converse, tools};
use homphieu_tests::office::{Office, choices, unit};
use homphieu_tests::server::Server;
use serde_json::json;
use sync_core::ballot::Marks;
use sync_core::package::Mode;

/// Names as somebody types them who wants to see a page break.
const UNITS: &str = "unit_code,name,kind,voters\nA,\"<img src=x onerror=alert(1)> Đảng bộ \"\"xã\"\" & ' {{t}}\",dang_bo,24\n\
     S,Chi bộ Mèo Vạc Sủng Là Phố Cáo Phó Bảng Lũng Cú Má Lé Lũng Táo Sà Phìn Thài Phìn Tủng Tả Phìn,chi_bo,4\n\
     T,</script><script>alert(1)</script>,chi_bo,7\n";
const OFFICIALS: &str = "unit_code,ordinal,official_code,full_name,post\nA,1,A1,<b>Vàng Mí Một</b>,Bí thư\nA,2,A2,Giàng Hai,Phó\n\
     S,1,S1,Lầu Văn Ba,Bí thư\nT,1,T1,Lầu Văn Ba,Ủy viên\n";

#[test]
fn an_inspector_sees_where_to_go_and_why_and_writes_what_they_found() {
    let Some(tools) = tools() else { return };
    let mut choices = choices(Mode::Official);
    choices.attended.clear();
    let office = Office::of(UNITS, OFFICIALS, true, choices);
    let server = Server::start(&office.folder());
    for (code, voters) in [("A", 20), ("T", 7)] {
        let mut tablet = office.tablet(&code.to_lowercase(), &[code], &server.address);
        let of = unit(code);
        for voter in 0..voters {
            // Everybody in A gives everybody the highest level.
            let marks = Marks::new(if code == "A" {
                vec![Some(0), Some(0)]
            } else {
                vec![Some(u8::from(voter % 2 == 0))]
            });
            tablet.cast(&of, &office.slips[&of][voter], &marks).unwrap();
        }
        tablet.close(&of).unwrap();
        tablet.sync(&Http::new(&server.address)).unwrap();
    }
    office.count();
    office.on_centre(async |centre| centre.publish(&office.round, &[]).await.unwrap());
    let mut people = serde_json::Map::new();
    for (login, role) in
        [("kiem-tra", Role::Inspector), ("to-chuc", Role::Organiser), ("quan-sat", Role::Observer)]
    {
        let password = office.hire(login, &[role], |_| ());
        people.insert(role.code().to_owned(), json!({ "login": login, "password": password }));
    }
    let folder = std::env::var("HOMPHIEU_SCREENSHOTS").ok();
    let more: Vec<&str> = folder.iter().map(String::as_str).collect();
    let hall = json!({ "address": server.address, "people": people, "round": office.round.uuid() });
    let said = converse(&tools, "oversight.mjs", &more, &hall, |asked| {
        assert_eq!(asked, "write the visit");
        office.on_centre(async |centre| {
            let own = centre.acting_for(Actor::Person(centre.person_named("may").await.unwrap()));
            let visit = own.visits(&office.round).await.unwrap().remove(0);
            let mut content = visit.content;
            content.purpose = "Người khác ghi".to_owned();
            own.change_visit(&office.round, "A", (&visit.id, visit.revision), content).await.unwrap();
        });
        json!(true)
    });
    assert!(said["views"].as_u64().unwrap() >= 7, "{said}");
}
