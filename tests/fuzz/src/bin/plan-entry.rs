//! A correction plan in an entry of the record.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("plan-entry");
