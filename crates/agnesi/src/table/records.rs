//! Records of a file of comma-separated values, each with its line.

use std::io::{ErrorKind, Read};

use csv_core::{ReadRecordResult, Reader};

use super::TableError;

/// How much is read at a time.
const CHUNK: usize = 1 << 18;
/// The longest record: without a bound, a quote that is never closed would take in the whole file.
const LONGEST: usize = 16 << 20;
/// The most fields of a record.
const MOST_FIELDS: usize = 1 << 20;

/// The records of an input, read one at a time.
pub(super) struct Records<R> {
    input: R,
    reader: Reader,
    chunk: Vec<u8>,
    /// What of the chunk is still to be read.
    from: usize,
    to: usize,
    /// The line that is read next, from 1.
    line: u64,
    record: Record,
}

/// One record.
#[derive(Default)]
pub(super) struct Record {
    /// The line where it begins, from 1.
    pub line: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
}

impl Record {
    pub fn len(&self) -> usize {
        self.fields
    }

    pub fn field(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.fields).map(|at| self.field(at))
    }

    /// A line of blanks alone.
    fn is_blank(&self) -> bool {
        self.fields == 1 && !self.field(0).is_empty() && self.field(0).trim_ascii().is_empty()
    }
}

impl<R: Read> Records<R> {
    pub fn new(input: R) -> Records<R> {
        Records {
            input,
            reader: Reader::new(),
            chunk: vec![0; CHUNK],
            from: 0,
            to: 0,
            line: 1,
            record: Record { text: vec![0; 4096], ends: vec![0; 64], ..Record::default() },
        }
    }

    /// Reads on. Returns whether there is more.
    fn fill(&mut self) -> Result<bool, TableError> {
        self.chunk.copy_within(self.from..self.to, 0);
        (self.from, self.to) = (0, self.to - self.from);
        loop {
            match self.input.read(&mut self.chunk[self.to..]) {
                Ok(count) => {
                    self.to += count;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(TableError::Read(error)),
            }
        }
    }

    /// Passes over a byte order mark. Only the first thing that is done with an input.
    pub fn skip_mark(&mut self) -> Result<(), TableError> {
        while self.to < 3 && self.fill()? {}
        if self.chunk[..self.to].starts_with(b"\xef\xbb\xbf") {
            self.from = 3;
        }
        Ok(())
    }

    /// Passes over the ends of lines in front of a record, which count as lines.
    fn skip_ends(&mut self) -> Result<(), TableError> {
        loop {
            while self.from < self.to {
                match self.chunk[self.from] {
                    b'\n' => self.line += 1,
                    b'\r' => {}
                    _ => return Ok(()),
                }
                self.from += 1;
            }
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    /// The next record that is no blank line; [`None`] at the end.
    pub fn next(&mut self) -> Result<Option<&Record>, TableError> {
        while self.read_one()? {
            if !self.record.is_blank() {
                return Ok(Some(&self.record));
            }
        }
        Ok(None)
    }

    fn read_one(&mut self) -> Result<bool, TableError> {
        self.skip_ends()?;
        let record = &mut self.record;
        record.line = self.line;
        self.reader.set_line(self.line);
        let (mut length, mut fields) = (0, 0);
        loop {
            let (result, used, written, ended) = self.reader.read_record(
                &self.chunk[self.from..self.to],
                &mut self.record.text[length..],
                &mut self.record.ends[fields..],
            );
            self.from += used;
            length += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {
                    // Without anything to read, the reader is told in the next round that this is the end.
                    self.fill()?;
                }
                ReadRecordResult::OutputFull if length >= LONGEST => {
                    return Err(TableError::TooLong { line: self.record.line });
                }
                ReadRecordResult::OutputFull => self.record.text.resize(2 * length.max(1), 0),
                ReadRecordResult::OutputEndsFull if fields >= MOST_FIELDS => {
                    return Err(TableError::TooLong { line: self.record.line });
                }
                ReadRecordResult::OutputEndsFull => self.record.ends.resize(2 * fields.max(1), 0),
                ReadRecordResult::Record => {
                    self.line = self.reader.line();
                    self.record.fields = fields;
                    return Ok(true);
                }
                ReadRecordResult::End => return Ok(false),
            }
        }
    }
}
