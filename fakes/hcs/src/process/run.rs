//! What running commands do: shells go through their scripts, commands write and end.

use super::create::{is_own_command, read_program};
use super::record::{Owner, Process, Repeating};
use crate::command::{Condition, Output, parse_script, split_arguments};
use crate::hcs::Hcs;
use crate::host::{Behaviour, CommandOutput, Host, Launch};
use crate::job::JobEvent;
use crate::process::ExternalCommand;
use crate::timers::Timer;

impl Hcs {
    /// Goes on with a shell's script until it has to wait, or to its end.
    pub(crate) fn run_script(&mut self, pid: u32, host: &mut dyn Host) {
        while let Some(process) = self.processes.get_mut(&pid).filter(|process| process.ended.is_none()) {
            if process.is_busy || !process.in_shell {
                return;
            }
            let Some(part) = process.script.pop_front() else {
                if !process.is_interactive {
                    let code = process.error_level;
                    self.process_exits(pid, code, host);
                } else if process.stdin.as_ref().is_none_or(|input| input.is_closed && input.bytes.is_empty())
                {
                    self.process_exits(pid, 0, host);
                }
                return;
            };
            let runs = match part.condition {
                Condition::Always | Condition::Piped => true,
                Condition::IfDone => process.error_level == 0,
                Condition::IfFailed => process.error_level != 0,
            };
            if runs {
                process.is_busy = true;
                process.current = Some(part);
                self.run_part(pid, host);
            }
        }
    }

    fn run_part(&mut self, pid: u32, host: &mut dyn Host) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        let Some(part) = process.current.clone() else { return };
        let arguments = split_arguments(&part.command);
        let (owner, input) = (process.owner.clone(), std::mem::take(&mut process.piped));
        let environment = process.environment.clone();
        let scope = self.scope_of(&owner);
        let is_own = |program: &&winlab_host::Program| is_own_command(program, &arguments, &environment);
        let own = self.image_program_of(pid).filter(is_own).cloned();
        let file = own.or_else(|| read_program(&scope, arguments.first()?, host));
        if let Some(program) = file {
            self.run_program(pid, program, host);
            return;
        }
        let Some(process) = self.processes.get(&pid) else { return };
        let launch = Launch {
            scope: &scope,
            user: &process.user,
            working_directory: &process.working_directory,
            environment: &process.environment,
            arguments: &arguments,
            input: &input,
            in_shell: true,
            error_level: process.error_level,
        };
        let behaviour = host.run(&launch).unwrap_or_else(|| not_recognized(&arguments));
        self.behave(pid, behaviour, host);
    }

    fn image_program_of(&self, pid: u32) -> Option<&winlab_host::Program> {
        self.image_program(&self.processes.get(&pid)?.owner)
    }

    /// A command does what it does.
    pub(crate) fn behave(&mut self, pid: u32, behaviour: Behaviour, host: &mut dyn Host) {
        match behaviour {
            Behaviour::Program(program) => self.run_program(pid, *program, host),
            Behaviour::Finished(output) => self.finish(pid, output, host),
            Behaviour::Exit(code) => self.process_exits(pid, code, host),
            Behaviour::SetVariable(name, value) => {
                if let Some(process) = self.processes.get_mut(&pid) {
                    process.environment.retain(|known, _| !known.eq_ignore_ascii_case(&name));
                    if !value.is_empty() {
                        process.environment.insert(name, value);
                    }
                }
                self.finish(pid, CommandOutput::default(), host);
            }
            Behaviour::Repeating { head, line, every, times, tail } => {
                self.write(pid, &head, &[], host);
                if let Some(process) = self.processes.get_mut(&pid) {
                    process.repeating = Some(Repeating { line, every, left: times, tail });
                }
                self.next_line(pid, host);
            }
            Behaviour::External(mut invocation) => {
                if let Some(process) = self.processes.get(&pid) {
                    if let Owner::System(id) = &process.owner {
                        invocation.container.clone_from(id);
                    }
                    self.external.push(ExternalCommand { pid, invocation });
                }
            }
        }
    }

    /// A process that outside code runs has written something.
    pub fn program_writes(&mut self, pid: u32, text: &[u8], host: &mut dyn Host) {
        if self.processes.get(&pid).is_some_and(|process| process.ended.is_none()) {
            self.write(pid, text, &[], host);
        }
    }

    /// A process that outside code runs has ended by itself.
    pub fn program_ends(&mut self, pid: u32, code: u32, host: &mut dyn Host) {
        match self.processes.get(&pid) {
            Some(process) if process.ended.is_none() && process.in_shell => {
                if let (Owner::Job(job), true) = (process.owner.clone(), is_component(process)) {
                    self.job_events.push(JobEvent::ComponentStopped { job, pid });
                }
                self.script_goes_on(pid, code, host);
            }
            _ => self.process_exits(pid, code, host),
        }
    }

    /// The network has answered a command.
    pub fn complete(&mut self, pid: u32, output: CommandOutput, host: &mut dyn Host) {
        if self.processes.get(&pid).is_some_and(|process| process.ended.is_none()) {
            self.finish(pid, output, host);
            self.run_script(pid, host);
        }
    }

    /// A command writes what it has to say and ends, now or after the time it takes.
    fn finish(&mut self, pid: u32, output: CommandOutput, host: &mut dyn Host) {
        self.write(pid, &output.stdout, &output.stderr, host);
        let Some(process) = self.processes.get(&pid) else { return };
        let in_shell = process.in_shell;
        match (in_shell, output.took.as_nanos()) {
            (true, 0) => self.part_has_ended(pid, output.exit_code),
            (true, _) => self.timers.add(host.now() + output.took, Timer::Step(pid, output.exit_code)),
            // Its creator hears of the process before it hears of its end.
            (false, _) => self.timers.add(host.now() + output.took, Timer::Exit(pid, output.exit_code)),
        }
    }

    /// The next line of a command that writes line after line, or its end.
    pub(crate) fn next_line(&mut self, pid: u32, host: &mut dyn Host) {
        let Some(process) = self.processes.get_mut(&pid).filter(|process| process.ended.is_none()) else {
            return;
        };
        let Some(mut repeating) = process.repeating.take() else { return };
        repeating.left = repeating.left.map(|left| left.saturating_sub(1));
        if repeating.left == Some(0) {
            let stdout = [repeating.line, repeating.tail].concat();
            self.finish(pid, CommandOutput { stdout, ..CommandOutput::default() }, host);
            self.run_script(pid, host);
            return;
        }
        let silent = repeating.line.is_empty()
            || process.current.as_ref().is_some_and(|part| part.stdout == Output::Nothing);
        let (line, every, endless) = (repeating.line.clone(), repeating.every, repeating.left.is_none());
        process.repeating = Some(repeating);
        if silent && endless {
            // Nobody sees its lines and it has no end: nothing is ever due.
            return;
        }
        self.write(pid, &line, &[], host);
        self.timers.add(host.now() + every, Timer::Line(pid));
    }

    /// A command of a shell that took time has ended.
    pub(crate) fn script_goes_on(&mut self, pid: u32, code: u32, host: &mut dyn Host) {
        self.part_has_ended(pid, code);
        self.run_script(pid, host);
    }

    fn part_has_ended(&mut self, pid: u32, code: u32) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.error_level = code;
        process.is_busy = false;
        process.current = None;
        process.program = None;
        process.is_ready = false;
    }

    /// Output of a process: to its streams, or where its shell's redirection says.
    pub(crate) fn write(&mut self, pid: u32, stdout: &[u8], stderr: &[u8], host: &mut dyn Host) {
        let Some(process) = self.processes.get(&pid) else { return };
        let scope = self.scope_of(&process.owner);
        let Some(process) = self.processes.get_mut(&pid) else { return };
        let (to, errors_to, merge) = match &process.current {
            Some(part) => (part.stdout.clone(), part.stderr.clone(), part.errors_to_output),
            None => (Output::Stream, Output::Stream, false),
        };
        let piped = process.script.front().is_some_and(|next| next.condition == Condition::Piped);
        let mut output = stdout.to_vec();
        if merge {
            output.extend_from_slice(stderr);
        }
        let errors = if merge { &[][..] } else { stderr };
        let mut heard = false;
        match to {
            Output::Stream if piped && process.current.is_some() => process.piped.extend_from_slice(&output),
            Output::Stream => heard |= process.stdout.write(&output),
            Output::Nothing => {}
            Output::File(path, append) => host.redirect(&scope, &path, &output, append),
        }
        match errors_to {
            Output::Stream if process.stderr.is_kept() => heard |= process.stderr.write(errors),
            Output::Stream => heard |= process.stdout.write(errors),
            Output::Nothing => {}
            Output::File(path, append) => host.redirect(&scope, &path, errors, append),
        }
        if heard {
            self.output_event(pid);
        }
    }

    /// An interactive shell runs what its input gives it, line by line.
    pub(crate) fn read_input(&mut self, pid: u32, host: &mut dyn Host) {
        let Some(process) = self.processes.get_mut(&pid).filter(|process| process.ended.is_none()) else {
            return;
        };
        if !process.is_interactive {
            return;
        }
        if let Some(input) = &mut process.stdin {
            // A terminal sends a carriage return for its Enter key; the empty line of a pair of both does nothing.
            while let Some(at) = input.bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                let line: Vec<u8> = input.bytes.drain(..=at).collect();
                let line = String::from_utf8_lossy(&line).into_owned();
                process.script.extend(read_line(line.trim(), &process.environment, process.error_level));
            }
            if input.is_closed && !input.bytes.is_empty() {
                let line = String::from_utf8_lossy(&std::mem::take(&mut input.bytes)).into_owned();
                process.script.extend(read_line(line.trim(), &process.environment, process.error_level));
            }
        }
        self.run_script(pid, host);
    }
}

/// Whether a process is a component at this moment.
pub(super) fn is_component(process: &Process) -> bool {
    process.program.as_ref().is_some_and(|program| !program.component.is_empty())
}

/// What `cmd` says of a name it does not know. Exit code 1 of `cmd /c`.
fn not_recognized(arguments: &[String]) -> Behaviour {
    let name = arguments.first().map_or("", String::as_str);
    Behaviour::Finished(CommandOutput {
        stderr: format!(
            "'{name}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n"
        )
        .into_bytes(),
        exit_code: 1,
        ..CommandOutput::default()
    })
}

/// A line as `cmd` reads it: variables of the whole line are replaced before any of it runs.
pub(crate) fn read_line(
    line: &str,
    environment: &std::collections::BTreeMap<String, String>,
    error_level: u32,
) -> Vec<crate::command::Part> {
    parse_script(&expand(line, environment, error_level))
}

/// Replaces `%NAME%`. Outside batch files a variable that is not set stays as it is written.
fn expand(text: &str, environment: &std::collections::BTreeMap<String, String>, error_level: u32) -> String {
    let (mut expanded, mut rest) = (String::new(), text);
    while let Some(start) = rest.find('%') {
        let Some(length) = rest[start + 1..].find('%') else { break };
        let name = &rest[start + 1..start + 1 + length];
        let value = environment
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .or_else(|| name.eq_ignore_ascii_case("ERRORLEVEL").then(|| error_level.to_string()));
        match value {
            Some(value) if !name.is_empty() => {
                expanded.push_str(&rest[..start]);
                expanded.push_str(&value);
                rest = &rest[start + length + 2..];
            }
            _ => {
                expanded.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    expanded + rest
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    #[test]
    fn variables_are_replaced_where_they_are_set() {
        let environment = BTreeMap::from([("USERNAME".to_owned(), "ContainerUser".to_owned())]);
        let expand = |text| super::expand(text, &environment, 3);
        assert_eq!(
            expand("echo %username% is 100% %NOPE% %ERRORLEVEL%"),
            "echo ContainerUser is 100% %NOPE% 3"
        );
    }
}
