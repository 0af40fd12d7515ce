//! What the page shows, and the comparison with paper.

use crate::values::round;
use crate::{Desk, Official, Overview, Problem, Sheet};
use client_ffi::TabletError;
use client_ffi::store::Store;
use client_ffi::transport::TransportError;
use rand_core::CryptoRng;
use sync_core::address::CentreAddress;
use sync_core::enrol::EnrolToken;
use sync_core::fingerprint;
use sync_core::id::UnitCode;
use sync_core::package::Voting;

pub(crate) fn overview<S: Store, R: CryptoRng>(desk: &mut Desk<'_, S, R>) -> Result<Overview, Problem> {
    let status = desk.tablet.status()?;
    let address = desk.tablet.address().unwrap_or_default();
    Ok(Overview {
        device: status.device.map(|device| device.to_string()),
        label: status.label,
        round: desk.tablet.package().map(|package| round(package.value(), address)),
        last_contact: status.last_contact,
        units: status.units.into_iter().map(Into::into).collect(),
        carried_envelopes: status.carried.envelopes,
        carried_unconfirmed: status.carried.unconfirmed,
        next: status.next.into(),
    })
}

pub(crate) fn sheet<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
) -> Result<Option<Sheet>, Problem> {
    let unit = UnitCode::new(&unit)?;
    let entry = desk.tablet.package().and_then(|package| package.value().unit(&unit));
    let (Some(entry), Some(sheet)) = (entry, desk.tablet.sheet(&unit)) else { return Ok(None) };
    let official = |o: &sync_core::package::Official| Official {
        code: o.code.clone(),
        name: o.name.clone(),
        post: o.post.clone(),
    };
    Ok(Some(Sheet {
        unit_name: entry.name.clone(),
        officials: sheet.officials.iter().map(official).collect(),
        voters: sheet.voters,
        attended: entry.voting == Voting::Attended,
        confirmed: desk.tablet.is_confirmed(&unit),
    }))
}

pub(crate) fn digits<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
) -> Result<Vec<Option<String>>, Problem> {
    let unit = UnitCode::new(&unit)?;
    let hash = desk.tablet.sheet_hash(&unit).ok_or(TabletError::NoSheet(unit))?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| Problem::fault())?;
    let blanks = fingerprint::blanks(random);
    let group = |(place, group)| (!blanks.contains(&place)).then_some(group);
    Ok(fingerprint::groups(&hash.0).into_iter().enumerate().map(group).collect())
}

pub(crate) fn confirm_sheet<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    typed: [(usize, String); 2],
) -> Result<(), Problem> {
    let typed = typed.each_ref().map(|(place, digits)| (*place, digits.as_str()));
    Ok(desk.tablet.confirm_sheet(&UnitCode::new(&unit)?, &typed)?)
}

pub(crate) fn centre_of<S: Store, R: CryptoRng>(
    _: &mut Desk<'_, S, R>,
    token: String,
) -> Result<String, Problem> {
    let token = EnrolToken::parse(&token).map_err(TabletError::from)?;
    let address = CentreAddress::parse(&token.address).map_err(TransportError::from)?;
    Ok(address.base().to_owned())
}
