//! An enrolment token, as it is scanned or typed.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("enrol-token");
