//! A device certificate.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("certificate");
