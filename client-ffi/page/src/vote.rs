//! Voting. Slips and marks are wiped when a call is over, as far as this side of the boundary goes.

use crate::{Desk, Problem, Slip};
use client_ffi::store::Store;
use rand_core::CryptoRng;
use sync_core::ballot::Marks;
use sync_core::id::UnitCode;
use sync_core::permit::PermitCode;

pub(crate) fn check_slip<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    slip: Slip,
) -> Result<(), Problem> {
    let code = PermitCode::parse(&slip)?;
    Ok(desk.tablet.check_slip(&UnitCode::new(&unit)?, &code)?)
}

pub(crate) fn cast<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    slip: Slip,
    marks: Vec<Option<u8>>,
) -> Result<(), Problem> {
    let (code, marks) = (PermitCode::parse(&slip)?, Marks::new(marks));
    Ok(desk.tablet.cast(&UnitCode::new(&unit)?, &code, &marks)?)
}

pub(crate) fn cast_attended<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    unit: String,
    marks: Vec<Option<u8>>,
) -> Result<(), Problem> {
    let marks = Marks::new(marks);
    Ok(desk.tablet.cast_attended(&UnitCode::new(&unit)?, &marks)?)
}

pub(crate) fn close<S: Store, R: CryptoRng>(desk: &mut Desk<'_, S, R>, unit: String) -> Result<(), Problem> {
    Ok(desk.tablet.close(&UnitCode::new(&unit)?)?)
}
