//! The program `homphieu` once more, for the tests alone: what Cargo builds for a package's own tests has the features of
//! all of the workspace, and so nothing has to be compiled a second time.

fn main() -> std::process::ExitCode {
    homphieu_server::cli::main()
}
