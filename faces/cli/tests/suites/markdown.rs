//! Fenced blocks of Markdown.

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Commands of a shell behind `$ `.
    Console,
    /// Lines of a session behind `> `.
    Session,
}

/// A block to run.
#[derive(Debug)]
pub struct Block {
    /// What it holds.
    pub language: Language,
    /// The line of its first line, from 1.
    pub line: usize,
    /// The byte where its text begins.
    pub start: usize,
    /// Its text.
    pub body: String,
}

impl Block {
    /// What its inputs stand behind.
    pub fn prompt(&self) -> &'static str {
        match self.language {
            Language::Console => "$ ",
            Language::Session => "> ",
        }
    }

    /// What stands behind the prompts. A line behind a backslash goes on with a command, one behind `| ` with a
    /// line of a session.
    pub fn inputs(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut goes_on = false;
        for line in self.body.lines() {
            let more = match self.language {
                Language::Console => goes_on.then_some(line),
                Language::Session => line.strip_prefix("| ").filter(|_| goes_on),
            };
            match (more, out.last_mut(), line.strip_prefix(self.prompt())) {
                (Some(more), Some(last), _) => *last += &format!("\n{more}"),
                (_, _, Some(input)) => out.push(input.to_string()),
                _ => {
                    goes_on = false;
                    continue;
                }
            }
            goes_on = self.language == Language::Session || line.ends_with('\\');
        }
        out
    }

    /// How many inputs it has.
    pub fn examples(&self) -> usize {
        self.inputs().len()
    }
}

/// The blocks of a text that are to be run.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut open: Option<(Option<Language>, usize, usize)> = None;
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let next = at + line.len();
        if let Some(info) = line.strip_prefix("```") {
            match open.take() {
                None => {
                    let language = match info.trim() {
                        "console" => Some(Language::Console),
                        "agnesi" => Some(Language::Session),
                        _ => None,
                    };
                    open = Some((language, number + 2, next));
                }
                Some((Some(language), line, start)) => {
                    out.push(Block { language, line, start, body: text[start..at].to_string() });
                }
                Some((None, ..)) => {}
            }
        }
        at = next;
    }
    out
}

#[test]
fn blocks_are_found_with_their_places() {
    let text = "# A\n```console\n$ agnesi a\n1\n```\n```rust\nx\n```\n```agnesi\n> f(x) = x\n```\n";
    let found = blocks(text);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].line, found[0].body.as_str()), (3, "$ agnesi a\n1\n"));
    assert_eq!(&text[found[1].start..found[1].start + found[1].body.len()], "> f(x) = x\n");
    assert_eq!(found[1].inputs(), ["f(x) = x"]);
}

#[test]
fn inputs_may_have_several_lines() {
    let session = blocks("```agnesi\n> sin(\n| x)\n> y\n1\n| no input\n```\n");
    assert_eq!(session[0].inputs(), ["sin(\nx)", "y"]);
    let console = blocks("```console\n$ a \\\n  b\nc\n$ d\n```\n");
    assert_eq!(console[0].inputs(), ["a \\\n  b", "d"]);
}
