//! A person in front of a form: she reads what the page offers, fills fields in by their names and presses the button. A
//! field that the page does not have cannot be filled in.

use coterie_tests::{Answer, Person};

/// A form as a page has it.
#[derive(Debug, Clone)]
pub struct Form {
    action: String,
    method: String,
    /// Names and values that would be sent as they stand, in order.
    sent: Vec<(String, String)>,
    /// Every name there is, ticked or not.
    names: Vec<String>,
    /// What a select or a box offers: name, value, label.
    offered: Vec<(String, String, String)>,
}

impl Form {
    /// The form of a page that has this button.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn with_button(page: &Answer, button: &str) -> Self {
        let forms = page.body.split("<form").skip(1);
        let inside = forms
            .filter_map(|rest| rest.split_once("</form>"))
            .map(|(form, _)| form);
        let found = inside.into_iter().find(|form| {
            let buttons = form.split("<button").skip(1);
            buttons.filter_map(text_of).any(|text| text.starts_with(button))
        });
        let form = found.unwrap_or_else(|| panic!("{} has no form with “{button}”: {}", page.url, page.body));
        Self::read(form, page)
    }

    fn read(form: &str, page: &Answer) -> Self {
        let (opening, inside) = form.split_once('>').expect("a form's tag ends");
        let mut read = Self {
            action: attribute(opening, "action").unwrap_or_else(|| page.url.path().to_owned()),
            method: attribute(opening, "method").unwrap_or_else(|| "get".to_owned()),
            sent: Vec::new(),
            names: Vec::new(),
            offered: Vec::new(),
        };
        for tag in inside.split('<').skip(1) {
            let Some((head, text)) = tag.split_once('>') else {
                continue;
            };
            match head.split_whitespace().next().unwrap_or_default() {
                "input" => read.input(head),
                "select" => read.names.extend(attribute(head, "name")),
                "textarea" => {
                    let name = attribute(head, "name").unwrap_or_default();
                    read.sent.push((name.clone(), unescaped(text)));
                    read.names.push(name);
                }
                "option" => read.option(head, text),
                _ => {}
            }
        }
        read
    }

    fn input(&mut self, head: &str) {
        let Some(name) = attribute(head, "name") else { return };
        let value = attribute(head, "value").unwrap_or_default();
        let is_box = head.contains("type=\"checkbox\"");
        if is_box {
            self.offered.push((name.clone(), value.clone(), String::new()));
        }
        if !is_box || head.split_whitespace().any(|word| word == "checked") {
            self.sent.push((name.clone(), value));
        }
        self.names.push(name);
    }

    /// The first option counts until one is marked, as browsers have it. An option of a datalist belongs to no field.
    fn option(&mut self, head: &str, label: &str) {
        let (Some(name), Some(value)) = (self.names.last().cloned(), attribute(head, "value")) else {
            return;
        };
        let marked = head.split_whitespace().any(|word| word == "selected");
        self.offered.push((name.clone(), value.clone(), unescaped(label)));
        match self.sent.iter_mut().find(|(known, _)| *known == name) {
            Some(sent) if marked => sent.1 = value,
            Some(_) => {}
            None => self.sent.push((name, value)),
        }
    }

    /// What a field holds.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.sent
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Types into a field.
    ///
    /// # Panics
    /// When the form has no such field.
    #[track_caller]
    #[must_use]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        assert!(
            self.names.iter().any(|known| known == name),
            "no field {name} in {self:?}"
        );
        self.sent.retain(|(known, _)| known != name);
        self.sent.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Chooses what begins with this label from a select.
    ///
    /// # Panics
    /// When it is not offered.
    #[track_caller]
    #[must_use]
    pub fn choose(self, name: &str, label: &str) -> Self {
        let offered = self
            .offered
            .iter()
            .find(|(known, _, text)| known == name && text.starts_with(label));
        let value = offered
            .unwrap_or_else(|| panic!("{name} offers no “{label}”: {self:?}"))
            .1
            .clone();
        self.fill(name, &value)
    }

    /// Presses the button and stays at whatever answers.
    pub async fn press(&self, person: &Person) -> Answer {
        let pairs: Vec<(&str, &str)> = self
            .sent
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        if self.method == "get" {
            let mut url = person.url(&self.action);
            url.query_pairs_mut().clear().extend_pairs(pairs);
            return person.get(url.as_str()).await;
        }
        person.post(&self.action, &pairs).await
    }

    /// Chooses a file and presses the button, as a browser sends it.
    pub async fn press_with_file(&self, person: &Person, field: &str, name: &str, bytes: &[u8]) -> Answer {
        assert!(
            self.names.iter().any(|known| known == field),
            "no field {field} in {self:?}"
        );
        let boundary = "a-boundary-of-a-browser";
        let mut body = Vec::new();
        for (key, value) in self.sent.iter().filter(|(key, _)| key != field) {
            body.extend(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(format!("\r\n--{boundary}--\r\n").bytes());
        let request = person
            .request(reqwest::Method::POST, &self.action)
            .header("origin", person.url("/").origin().ascii_serialization())
            .header("sec-fetch-site", "same-origin")
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .body(body);
        person.send(request).await
    }

    /// Presses the button, is led on, and sees the page that says it worked.
    ///
    /// # Panics
    /// When it was refused.
    pub async fn press_on(&self, person: &Person) -> Answer {
        let answer = self.press(person).await;
        assert_eq!(answer.status.as_u16(), 303, "{}: {}", answer.url, answer.body);
        person.visit(answer.location().as_str()).await.expect(200)
    }
}

/// The error that stands beside a field.
pub fn error_at(page: &Answer, name: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("id=\"error-{name}\">"))?;
    Some(unescaped(rest.split('<').next()?))
}

fn text_of(after_tag_name: &str) -> Option<String> {
    let (_, text) = after_tag_name.split_once('>')?;
    Some(unescaped(text.split('<').next()?.trim()))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

fn unescaped(text: &str) -> String {
    [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
