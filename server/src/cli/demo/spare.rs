//! A small training round beside the one that was played: what a newcomer needs to try a tablet page.
//!
//! Its codes are shown on the screen and said to be specimens, which no real round ever does.

use super::centre::Running;
use super::set_up::hold_ceremony;
use super::{CliError, DemoError};
use crate::cli::paper::{write_sheet, write_slips};
use crate::domain::draft::{Base, Choices};
use crate::roster::{self, CsvFiles};
use crate::service::InviteScope;
use std::path::Path;
use sync_core::fingerprint;
use sync_core::package::{Mode, default_levels};

const UNIT: &str = "TH01";
const UNITS: &str = "unit_code,name,kind,voters\nTH01,Chi bộ tập huấn,chi_bo,8\n";
const OFFICIALS: &str = "unit_code,ordinal,official_code,full_name,post\n\
                         TH01,1,TH01-1,Người Mẫu Một,Bí thư\nTH01,2,TH01-2,Người Mẫu Hai,Phó bí thư\n\
                         TH01,3,TH01-3,Người Mẫu Ba,Chi ủy viên\n";
/// Pages that may enrol: two to hand over from one to the other, and one more.
const TABLETS: usize = 3;
/// Slips that are shown; the file has all of them.
const SHOWN: usize = 5;

/// A roster of one unit, from which a newcomer makes a round of their own on the office's page.
const OWN: CsvFiles<'_> = CsvFiles {
    units: "unit_code,name,kind,voters\nTH02,Chi bộ làm thử,chi_bo,6\n".as_bytes(),
    officials: "unit_code,ordinal,official_code,full_name,post\n\
                TH02,1,TH02-1,Người Thử Một,Bí thư\nTH02,2,TH02-2,Người Thử Hai,Phó bí thư\n"
        .as_bytes(),
    voters: Some(
        "unit_code,voter_number,full_name\nTH02,1,Đảng viên Thử A\nTH02,2,Đảng viên Thử B\n\
         TH02,3,Đảng viên Thử C\nTH02,4,Đảng viên Thử D\nTH02,5,Đảng viên Thử Đ\nTH02,6,Đảng viên Thử E\n"
            .as_bytes(),
    ),
    team: Some(
        "unit_code,full_name,duty\nTH02,Nguyễn Chủ Trì,Chủ trì hội nghị\n\
         TH02,Trần Trưởng Ban,Trưởng ban kiểm phiếu\n"
            .as_bytes(),
    ),
};

/// What a newcomer needs.
pub(super) struct Spare {
    page: String,
    tokens: Vec<String>,
    digits: Vec<String>,
    slips: Vec<String>,
    folder: String,
    /// The workbook of the roster.
    roster: String,
}

/// Writes the roster as the workbook that an office would fill: where it is.
fn workbook(folder: &Path) -> Result<String, DemoError> {
    let roster = roster::from_csv_files(OWN).map_err(|problems| DemoError::Other(problems.to_string()))?;
    let path = folder.join("danh-sach.xlsx");
    std::fs::write(&path, roster::to_workbook(&roster::to_tables(&roster))?)?;
    Ok(path.display().to_string())
}

/// Sets the round up and opens it; its papers go into a fresh folder.
pub(super) fn open(running: &Running<'_>, folder: &Path) -> Result<Spare, DemoError> {
    std::fs::create_dir_all(folder)?;
    let own = workbook(folder)?;
    let roster = roster::from_csv(UNITS.as_bytes(), OFFICIALS.as_bytes())
        .map_err(|problems| DemoError::Other(problems.to_string()))?;
    let choices = Choices {
        title: "Tập huấn trang máy tính bảng".to_owned(),
        mode: Mode::Training,
        levels: default_levels(),
        percent_base: Base::Collected,
        batch_min: 10,
        min_publish: super::set_up::MIN_PUBLISH,
        attended: Vec::new(),
    };
    let address = format!("http://{}", running.address);
    let centre = &running.centre;
    let paper = |error: CliError| DemoError::Other(error.to_string());
    running.block_on(async {
        let round = centre.import(&roster, choices).await?;
        let slips = centre.draw_slips(&round.id, &[]).await?;
        write_slips(&folder.join("slips.html"), &round.draft.title, true, &slips).map_err(paper)?;
        centre.confirm_slips(&round.id, &slips).await?;
        centre.sign(&round.id, &hold_ceremony(round.id)?.0).await?;
        centre.open_round(&round.id).await?;
        let mut tokens = Vec::new();
        for number in 1..=TABLETS {
            let scope = InviteScope::Units(vec![UNIT.to_owned()]);
            let label = format!("Máy tập huấn {number}");
            tokens.push(centre.invite(&round.id, &scope, &label, &address).await?.to_text());
        }
        let bundle = centre.bundle(&round.id).await?;
        let package = bundle.package.value();
        let sheet = package.units.first().and_then(|unit| Some((unit, bundle.sheets.get(&unit.sheet)?)));
        let (unit, sheet) = sheet.ok_or_else(|| DemoError::Other(format!("{UNIT} has no sheet")))?;
        write_sheet(&folder.join(format!("{UNIT}.html")), package, &unit.name, sheet, None).map_err(paper)?;
        let codes = slips.iter().flat_map(|unit| &unit.codes).take(SHOWN);
        Ok(Spare {
            page: format!("{address}/tablet/"),
            tokens,
            digits: fingerprint::groups(&sheet.hash().0).into(),
            slips: codes.map(|code| code.reveal().to_string()).collect(),
            folder: folder.display().to_string(),
            roster: own,
        })
    })
}

impl Spare {
    /// Says how to begin.
    pub fn tell(&self) {
        say!("\n{}", tr!("demo-try", unit = UNIT));
        say!("  {}", tr!("demo-try-open"));
        say!("    {}", self.page);
        say!("  {}", tr!("demo-try-tokens"));
        self.tokens.iter().for_each(|token| say!("    {token}"));
        say!("  {}", tr!("demo-try-digits"));
        say!("    {}", self.digits.join(" "));
        say!("  {}", tr!("demo-try-slips"));
        self.slips.iter().for_each(|slip| say!("    {slip}"));
        say!("  {}", tr!("demo-try-own"));
        say!("    {}", self.roster);
        say!("  {}", tr!("demo-try-paper", folder = self.folder.as_str()));
    }
}
