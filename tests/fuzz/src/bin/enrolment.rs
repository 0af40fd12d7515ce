//! The centre's answer to an enrolment.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("enrolment");
