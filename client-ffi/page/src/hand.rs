//! Handing over by file and by QR series: shown by a screen, read by a camera.

use crate::{Bytes, Desk, ImportReport, Problem, Seen};
use client_ffi::Acting;
use client_ffi::qr::{Decoder, Encoder, Received};
use client_ffi::store::Store;
use rand_core::CryptoRng;
use sync_core::parcel::Recipient;

/// What a page has under way: the series that it shows, the one that it reads, and who acts. It lives as long as the
/// tablet is open, and nothing is lost with it.
#[derive(Default)]
pub struct UnderWay {
    shown: Option<Encoder>,
    read: Decoder,
    /// Who typed a PIN last, until the page locks.
    pub(crate) acting: Option<Acting>,
}

/// Names in a parcel only its recipient can read: the centre, or another tablet of the unit.
fn recipient(to: Option<String>) -> Result<Recipient, Problem> {
    Ok(match to {
        Some(device) => Recipient::Tablet(device.parse()?),
        None => Recipient::Centre,
    })
}

pub(crate) fn export_parcel<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    to: Option<String>,
) -> Result<Bytes, Problem> {
    Ok(Bytes(desk.tablet.export(recipient(to)?)?))
}

pub(crate) fn import_parcel<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    parcel: Bytes,
) -> Result<ImportReport, Problem> {
    Ok(desk.tablet.import(&parcel.0)?.into())
}

pub(crate) fn acknowledge<S: Store, R: CryptoRng>(desk: &mut Desk<'_, S, R>) -> Result<Bytes, Problem> {
    Ok(Bytes(desk.tablet.acknowledge()?))
}

pub(crate) fn show_series<S: Store, R: CryptoRng>(
    desk: &mut Desk<'_, S, R>,
    to: Option<String>,
) -> Result<usize, Problem> {
    let series = Encoder::new(&desk.tablet.export(recipient(to)?)?)?;
    Ok(desk.under_way.shown.insert(series).fragments())
}

pub(crate) fn next_code<S: Store, R: CryptoRng>(desk: &mut Desk<'_, S, R>) -> Result<String, Problem> {
    let frame = desk.under_way.shown.as_mut().and_then(Iterator::next);
    Ok(frame.map(|frame| frame.svg()).unwrap_or_default())
}

pub(crate) fn read_series<S: Store, R: CryptoRng>(desk: &mut Desk<'_, S, R>) -> Result<(), Problem> {
    desk.under_way.read.start_over();
    Ok(())
}

pub(crate) fn seen<S: Store, R: CryptoRng>(desk: &mut Desk<'_, S, R>, text: String) -> Result<Seen, Problem> {
    let read = &mut desk.under_way.read;
    let report = match read.receive(&text)? {
        Received::Complete => read.bytes().map(|parcel| desk.tablet.import(parcel)).transpose()?,
        _ => None,
    };
    Ok(Seen { percent: read.progress().percent(), report: report.map(Into::into) })
}
