//! The address of a centre, as it is typed or stands in a token.
#![cfg_attr(fuzzing, no_main)]

homphieu_fuzz::target!("address");
