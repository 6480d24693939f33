//! The book: links lead somewhere, every page is in the table of contents, every example runs.

use std::path::{Path, PathBuf};

/// Checks the book and the pages at the root. Fails with the list of what was found.
pub fn run(root: &Path) -> Result<(), String> {
    let mut pages: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root.join("book")];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    let mut found = missing_from_contents(root, &pages);
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        pages.push(root.join(name));
    }
    for page in &pages {
        let text = std::fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
        found.extend(dead_links(&text, page).into_iter().map(|link| format!("{}: {link}", page.display())));
    }
    if !found.is_empty() {
        return Err(format!("the book:\n  {}", found.join("\n  ")));
    }
    println!("{} pages, all links lead somewhere", pages.len());
    crate::cargo(&["test", "--quiet", "-p", "agnesi-cli", "--test", "suites", "book"], &[])
}

fn missing_from_contents(root: &Path, pages: &[PathBuf]) -> Vec<String> {
    let contents = std::fs::read_to_string(root.join("book/src/SUMMARY.md")).unwrap_or_default();
    let listed: Vec<&str> = links(&contents);
    pages
        .iter()
        .filter_map(|page| page.strip_prefix(root.join("book/src")).ok())
        .map(|page| page.display().to_string())
        .filter(|page| page != "SUMMARY.md" && !listed.contains(&page.as_str()))
        .map(|page| format!("SUMMARY.md does not list {page}"))
        .collect()
}

/// Links to files that are not there, or to headings that the file does not have.
fn dead_links(text: &str, page: &Path) -> Vec<String> {
    let folder = page.parent().unwrap_or(Path::new("."));
    links(text)
        .into_iter()
        .filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
        .filter_map(|link| {
            let (file, heading) =
                link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
            let target = if file.is_empty() { page.to_path_buf() } else { folder.join(file) };
            if !target.exists() {
                return Some(format!("`{link}` leads to no file"));
            }
            let there = heading.is_none_or(|heading| {
                let text = std::fs::read_to_string(&target).unwrap_or_default();
                text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading)
            });
            (!there).then(|| format!("`{link}` leads to no heading"))
        })
        .collect()
}

/// The name of a heading in links.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The targets of `[text](target)`, outside fenced blocks.
fn links(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let mut rest = if fenced { "" } else { line };
        while let Some(at) = rest.find("](") {
            let behind = &rest[at + 2..];
            let Some(end) = behind.find(')') else { break };
            out.push(behind[..end].split(' ').next().unwrap_or_default());
            rest = &behind[end..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found() {
        assert_eq!(links("see [a](a.md#b) and ![c](c.svg \"t\")\n```\n[x](y)\n```\n"), ["a.md#b", "c.svg"]);
        assert_eq!(anchor("## What it knows, and how"), "what-it-knows-and-how");
        assert_eq!(dead_links("[a](no-such-file.md)", Path::new("README.md")).len(), 1);
    }
}
