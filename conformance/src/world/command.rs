//! The programs on the driver's PATH: scripts that log each call and answer as the case says. They
//! need nothing from the PATH themselves.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::case::CommandSpec;
use crate::error::Fault;
use crate::observation::Exchange;

// Separators of the log that no argument contains: ASCII unit separator and record separator.
const FIELD: char = '\u{1f}';
const CALL: char = '\u{1e}';

/// Writes the programs into `folder`; they append their calls to the file `log`.
pub(super) fn write(commands: &[CommandSpec], folder: &Path, log: &Path) -> Result<(), Fault> {
    let mut programs: BTreeMap<&str, Vec<&CommandSpec>> = BTreeMap::new();
    for command in commands {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !command.name.chars().all(plain) || command.name.starts_with('.') {
            let name = &command.name;
            return Err(Fault::new(format!("command: `{name}` is no file name")));
        }
        programs.entry(&command.name).or_default().push(command);
    }
    for (name, answers) in programs {
        install(&folder.join(name), &script(name, &answers, log))?;
    }
    Ok(())
}

/// Reads the calls of the programs, in order.
pub(super) fn calls(log: &Path) -> Vec<Exchange> {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.split_terminator(CALL).map(call).collect()
}

/// Turns one record of the log into a request to `cli.<name>`; the words before the first option
/// are its path.
fn call(record: &str) -> Exchange {
    let mut fields = record.split_terminator(FIELD);
    let name = fields.next().unwrap_or_default();
    let arguments: Vec<&str> = fields.collect();
    let is_option = |argument: &&str| argument.starts_with('-');
    let first = arguments.iter().position(is_option);
    let (words, options) = arguments.split_at(first.unwrap_or(arguments.len()));
    let mut pairs = Vec::new();
    for (index, option) in options
        .iter()
        .enumerate()
        .filter(|(_, argument)| is_option(argument))
    {
        let value = options.get(index + 1).filter(|next| !is_option(next));
        let value = value.copied().unwrap_or_default();
        pairs.push(((*option).to_owned(), value.to_owned()));
    }
    Exchange {
        endpoint: format!("cli.{name}"),
        method: "run".to_owned(),
        path: words.join(" "),
        option: pairs,
        ..Exchange::default()
    }
}

fn script(name: &str, answers: &[&CommandSpec], log: &Path) -> String {
    // A file that exists once the answer was given.
    let mark = |place: usize| quoted(&format!("{}.{name}.{place}", log.to_string_lossy()));
    let log = quoted(&log.to_string_lossy());
    let mut script = format!(
        "#!/bin/sh\n{{ printf '{name}\\037'; printf '%s\\037' \"$@\"; printf '\\036'; }} >>{log}\n"
    );
    for (place, answer) in answers.iter().enumerate() {
        let mut does = match answer.hangs {
            true => "exec /bin/sleep 600".to_owned(),
            false => format!(
                "printf '%s' {}; printf '%s' {} >&2; exit {}",
                quoted(&answer.stdout),
                quoted(&answer.stderr),
                answer.exit
            ),
        };
        if answer.once {
            let mark = mark(place);
            does = format!("if [ ! -e {mark} ]; then : >{mark}; {does}; fi");
        }
        script.push_str(&match &answer.when {
            None => format!("{does}\n"),
            Some(argument) => format!(
                "for a in \"$@\"; do if [ \"$a\" = {} ]; then {does}; fi; done\n",
                quoted(argument)
            ),
        });
    }
    script.push_str("printf 'the case has no answer to this call\\n' >&2\nexit 99\n");
    script
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Writes an executable file. Another process does it: while this one has a file open for
/// writing, a child it starts for another case inherits that, and the file cannot be run.
fn install(path: &Path, script: &str) -> Result<(), Fault> {
    let write = "printf '%s' \"$1\" >\"$0\" && chmod 755 \"$0\"";
    let mut writer = Command::new("sh");
    writer.arg("-c").arg(write).arg(path).arg(script);
    match writer.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Fault::new(format!(
            "{} cannot be written: {status}",
            path.display()
        ))),
        Err(error) => Err(Fault::new(format!("no shell to write programs: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(toml: &str) -> CommandSpec {
        toml::from_str(toml).expect("a command")
    }

    fn ran(folder: &Path, name: &str, arguments: &[&str]) -> (String, String, Option<i32>) {
        let output = Command::new(folder.join(name)).args(arguments).output();
        let output = output.expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        (stdout, stderr, output.status.code())
    }

    #[test]
    fn a_program_answers_by_its_arguments_and_every_call_is_logged() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let commands = [
            command("name = 'az'\nwhen = '--version'\nstdout = \"it's $1 %s \\\\n\""),
            command("name = 'az'\nstderr = 'no'\nexit = 3"),
            command("name = 'azd'\nwhen = 'never'"),
        ];
        write(&commands, folder.path(), &log).expect("programs");
        assert!(calls(&log).is_empty());
        let version = ran(folder.path(), "az", &["--version"]);
        assert_eq!(
            version,
            ("it's $1 %s \\n".to_owned(), String::new(), Some(0))
        );
        let refused = ran(
            folder.path(),
            "az",
            &["account", "show", "--x", "a b", "--y"],
        );
        assert_eq!(refused, (String::new(), "no".to_owned(), Some(3)));
        assert_eq!(ran(folder.path(), "azd", &[]).2, Some(99));

        let logged = calls(&log);
        let names: Vec<_> = logged.iter().map(|call| call.endpoint.as_str()).collect();
        assert_eq!(names, ["cli.az", "cli.az", "cli.azd"]);
        assert_eq!(logged[1].path, "account show");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(logged[1].option, [pair("--x", "a b"), pair("--y", "")]);
    }

    #[test]
    fn an_answer_that_is_given_once_is_followed_by_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let commands = [
            command("name = 'x'\nonce = true\nwhen = 'a'\nstdout = 'first'"),
            command("name = 'x'\nstdout = 'second'"),
        ];
        write(&commands, folder.path(), &folder.path().join("log")).expect("written");
        let said = |argument: &str| ran(folder.path(), "x", &[argument]).0;
        assert_eq!(
            ["b", "a", "a"].map(said),
            ["second", "first", "second"].map(str::to_owned)
        );
    }

    #[test]
    fn the_name_of_a_program_cannot_leave_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["../az", "a/b", ".az", "a b"] {
            let commands = [command(&format!("name = '{name}'"))];
            let log = folder.path().join("log");
            assert!(write(&commands, folder.path(), &log).is_err(), "{name}");
        }
    }
}
