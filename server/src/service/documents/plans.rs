//! Correction plans on paper: a form to write on while nobody wrote a plan, and the plan as it stands afterwards.

use super::{Material, unit_of};
use crate::domain::calendar::{day_of, day_text};
use crate::domain::draft::{DraftOfficial, DraftUnit};
use crate::error::AppError;
use crate::service::{Centre, PlanDetail, PlanSaid, VersionDetail};
use homphieu_documents::{Confirmed, Measure, Plan, PlanContent, Plans, Progress, RatedOfficial};

impl Centre {
    /// The plans of every official of a unit.
    pub(super) async fn plans_of_unit(
        &self,
        material: &Material,
        unit: &DraftUnit,
    ) -> Result<Plans, AppError> {
        let mut plans = Vec::new();
        for official in &unit.officials {
            plans.extend(self.plan_pages(material, unit, official).await?);
        }
        Ok(Plans { head: material.head(false), unit: unit_of(unit), plans })
    }

    /// The plan of one official.
    pub(super) async fn plan_of_official(&self, material: &Material, code: &str) -> Result<Plans, AppError> {
        let mut units = material.round.draft.units.iter();
        let found = units.find_map(|unit| Some((unit, unit.officials.iter().find(|o| o.code == code)?)));
        let missing =
            || AppError::not_found("unknown_official", format!("there is no official {code} in the round"));
        let (unit, official) = found.ok_or_else(missing)?;
        let plans = self.plan_pages(material, unit, official).await?;
        Ok(Plans { head: material.head(false), unit: unit_of(unit), plans })
    }

    /// A form, or the plan; where versions differ, each that stands, for whoever settles it.
    async fn plan_pages(
        &self,
        material: &Material,
        unit: &DraftUnit,
        official: &DraftOfficial,
    ) -> Result<Vec<Plan>, AppError> {
        let whose = RatedOfficial {
            code: official.code.clone(),
            name: official.name.clone(),
            post: official.post.clone(),
        };
        let detail = match self.plan(&material.round.id, Some(&unit.code), &official.code).await {
            Ok(detail) => detail,
            // Before the unit is published nobody owes one, and there is room to write.
            Err(error) if error.code() == "unknown_plan" => {
                return Ok(vec![Plan { official: whose, due_on: None, content: None }]);
            }
            Err(error) => return Err(error),
        };
        let due_on = detail.row.owed.then(|| day_text(detail.row.due_on));
        let page = |content| Plan { official: whose.clone(), due_on: due_on.clone(), content };
        let standing: Vec<&VersionDetail> = detail.versions.iter().filter(|version| version.stands).collect();
        if standing.is_empty() {
            return Ok(vec![page(None)]);
        }
        Ok(standing.into_iter().map(|version| page(Some(content(&detail, version)))).collect())
    }
}

fn content(detail: &PlanDetail, version: &VersionDetail) -> PlanContent {
    let measure = |(text, day): &(String, Option<time::Date>)| Measure {
        text: text.clone(),
        due_on: day.map(day_text),
        done_on: None,
    };
    let progress = detail.progress.iter().map(|note| Progress {
        on: noted_on(&note.said),
        by: note.said.person.clone(),
        text: note.text.clone(),
    });
    let confirmed = detail.confirmed.as_ref();
    PlanContent {
        stage: detail.stage.code().to_owned(),
        shortcomings: version.shortcomings.clone(),
        measures: version.measures.iter().map(measure).collect(),
        progress: progress.collect(),
        confirmed: confirmed.map(|said| Confirmed { by: said.person.clone(), on: noted_on(said) }),
    }
}

/// The day on which somebody said so, by the clock of their device.
fn noted_on(said: &PlanSaid) -> Option<String> {
    let minutes = i64::try_from(said.at?).ok()?;
    Some(day_text(day_of(minutes.checked_mul(60)?)))
}
