//! `homphieu doctor --rebuild`: makes what is projected from stored bytes anew. The one thing of the doctor that writes.

use super::super::config::Started;
use super::super::{CliError, Place};

pub(super) async fn run(started: &Started) -> Result<(), CliError> {
    let cli = &started.cli;
    let place = Place { folder: cli.data_dir.clone(), database: cli.database_url.clone() };
    super::super::with_centre(&place, async |centre| {
        let bar = super::super::progress_bar(tr!("doctor-rebuilding"));
        let done = centre
            .rebuild_projections(&mut |unit| {
                bar.inc_length(1);
                bar.inc(1);
                bar.set_message(format!("{} {unit}", tr!("doctor-rebuilding")));
            })
            .await;
        bar.finish_and_clear();
        let done = done?;
        let (units, changes, mended) = (done.units, done.changes, done.mended);
        say!("{}", tr!("doctor-rebuilt", units = units, changes = changes, mended = mended));
        Ok(())
    })
    .await
}
