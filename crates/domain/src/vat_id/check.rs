//! Check digits, country by country, over what follows the prefix. The rules are those of the national tax offices, as the Commission's
//! VIES names their formats; letters count 10 to 35.

fn weighted(number: &[u32], weights: &[u32]) -> u32 {
    number.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn value(number: &[u32]) -> u64 {
    number.iter().fold(0, |all, digit| all * 10 + u64::from(*digit))
}

fn last(number: &[u32]) -> u32 {
    number.last().copied().unwrap_or_default()
}

/// Doubled from the right, every second one (ISO/IEC 7812).
fn luhn(number: &[u32]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO 7064, modulus 11,10.
fn mod_11_10(number: &[u32]) -> bool {
    let Some((check, digits)) = number.split_last() else {
        return false;
    };
    let product = digits.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        2 * if sum == 0 { 10 } else { sum } % 11
    });
    (11 - product) % 10 == *check
}

/// ISO 7064, modulus 97,10, where a letter is two digits.
fn mod_97(number: impl IntoIterator<Item = u32>) -> u32 {
    number.into_iter().fold(0, |rest, digit| {
        let shift = if digit > 9 { 100 } else { 10 };
        (rest * shift + digit) % 97
    })
}

pub(super) fn austria(number: &[u32]) -> bool {
    let sum: u32 = number[1..8]
        .iter()
        .enumerate()
        .map(|(place, digit)| {
            if place.is_multiple_of(2) {
                *digit
            } else {
                digit / 5 + digit * 2 % 10
            }
        })
        .sum();
    (10 - (sum + 4) % 10) % 10 == number[8]
}

pub(super) fn belgium(number: &[u32]) -> bool {
    (value(&number[..8]) + value(&number[8..])).is_multiple_of(97)
}

/// Companies have nine digits; people, foreigners and others ten, by three rules.
pub(super) fn bulgaria(number: &[u32]) -> bool {
    let check = last(number);
    if number.len() == 9 {
        let first = weighted(&number[..8], &[1, 2, 3, 4, 5, 6, 7, 8]) % 11;
        let second = weighted(&number[..8], &[3, 4, 5, 6, 7, 8, 9, 10]) % 11;
        return if first == 10 { second % 10 } else { first } == check;
    }
    let digits = &number[..9];
    let person = weighted(digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    let foreigner = weighted(digits, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10;
    let other = (11 - weighted(digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    [person, foreigner, other].contains(&check)
}

pub(super) fn switzerland(number: &[u32]) -> bool {
    (11 - weighted(&number[1..9], &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11 == number[9]
}

pub(super) fn cyprus(number: &[u32]) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let sum: u32 = number[..8]
        .iter()
        .enumerate()
        .map(|(place, digit)| {
            if place.is_multiple_of(2) {
                ODD.get(*digit as usize).copied().unwrap_or_default()
            } else {
                *digit
            }
        })
        .sum();
    number[..2] != [1, 2] && sum % 26 + 10 == number[8]
}

/// Companies have eight digits; people nine (no check digit before 1954; or a 6 in front) or ten.
pub(super) fn czechia(number: &[u32]) -> bool {
    const WEIGHTS: [u32; 7] = [8, 7, 6, 5, 4, 3, 2];
    match number {
        [first, .., check] if number.len() == 8 => {
            let rest = (11 - weighted(&number[..7], &WEIGHTS) % 11) % 11;
            *first != 9 && (if rest == 0 { 1 } else { rest }) % 10 == *check
        }
        [6, .., check] if number.len() == 9 => {
            let rest = weighted(&number[1..8], &WEIGHTS) % 11;
            (18 - (21 - rest) % 11) % 10 == *check
        }
        [.., check] if number.len() == 10 => value(&number[..9]) % 11 % 10 == u64::from(*check),
        _ => number.len() == 9,
    }
}

pub(super) fn germany(number: &[u32]) -> bool {
    number[0] != 0 && mod_11_10(number)
}

pub(super) fn denmark(number: &[u32]) -> bool {
    number[0] != 0 && weighted(number, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

pub(super) fn estonia(number: &[u32]) -> bool {
    weighted(number, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

pub(super) fn greece(number: &[u32]) -> bool {
    weighted(&number[..8], &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == number[8]
}

/// People by their number (a letter in front stands for one of its digits), everything else by its kind's letter.
pub(super) fn spain(number: &[u32]) -> bool {
    const OF_PEOPLE: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let letter = |ascii: u8| u32::from(ascii) - u32::from(b'A') + 10;
    let (first, check) = (number[0], number[8]);
    let front = match first {
        0..=9 => Some(u64::from(first)),
        // X, Y, Z: 0, 1, 2.
        33..=35 => Some(u64::from(first - 33)),
        // K, L, M: nothing.
        20..=22 => Some(0),
        _ => None,
    };
    if let Some(front) = front {
        let rest = (front * 10_000_000 + value(&number[1..8])) % 23;
        return OF_PEOPLE
            .get(usize::try_from(rest).unwrap_or_default())
            .is_some_and(|of| letter(*of) == check);
    }
    let digits = &number[1..8];
    let as_digit = (0..10).find(|digit| luhn(&[digits, &[*digit]].concat())).unwrap_or(10);
    // `JABCDEFGHI` are the same check as a letter.
    let as_letter = if as_digit == 0 { 19 } else { as_digit + 9 };
    let known = b"ABCDEFGHJNPQRSUVW".iter().any(|kind| letter(*kind) == first);
    known && (check == as_digit || check == as_letter)
}

pub(super) fn finland(number: &[u32]) -> bool {
    weighted(number, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
}

/// Two signs of check before the company's number, which has one of its own; Monaco's has none.
pub(super) fn france(number: &[u32]) -> bool {
    let (first, second, company) = (number[0], number[1], &number[2..]);
    if company[..3] != [0, 0, 0] && !luhn(company) {
        return false;
    }
    if first < 10 && second < 10 {
        return (value(company) * 100 + 12) % 97 == u64::from(first * 10 + second);
    }
    // I and O are left out.
    let index = |sign: u32| match sign {
        18 | 24 => None,
        sign => Some(sign - u32::from(sign > 18) - u32::from(sign > 24)),
    };
    let (Some(one), Some(two)) = (index(first), index(second)) else {
        return false;
    };
    let check = if first < 10 {
        one * 24 + two - 10
    } else {
        one * 34 + two - 100
    };
    (value(company) + 1 + u64::from(check / 11)) % 11 == u64::from(check % 11)
}

/// Nine digits, three more for a branch; government departments and health authorities have a number only.
pub(super) fn britain(number: &[u32]) -> bool {
    if number.len() == 5 {
        return (number[0] == 16) == (value(&number[2..]) < 500);
    }
    let rest = weighted(&number[..9], &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
    rest == 0 || number[0] > 0 && (rest == 42 || rest == 55)
}

pub(super) fn croatia(number: &[u32]) -> bool {
    mod_11_10(number)
}

pub(super) fn hungary(number: &[u32]) -> bool {
    weighted(number, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
}

/// The letter after seven digits checks them and the letter behind it; the old form has a letter in the second place.
pub(super) fn ireland(number: &[u32]) -> bool {
    // `W` is 0, `A` to `V` are 1 to 22.
    let index = |letter: u32| match letter {
        32 => Some(0),
        10..=31 => Some(letter - 9),
        _ => None,
    };
    let old = number[1] > 9;
    let digits: Vec<u32> = if old {
        [&[0], &number[2..7], &[number[0]]].concat()
    } else {
        number[..7].to_vec()
    };
    let behind = number.get(8).map_or(Some(0), |letter| index(*letter));
    let check = index(number[7]);
    behind.is_some_and(|behind| Some((weighted(&digits, &[8, 7, 6, 5, 4, 3, 2]) + 9 * behind) % 23) == check)
}

/// Seven digits of the taxable person, three of the office, one of check.
pub(super) fn italy(number: &[u32]) -> bool {
    let office = value(&number[7..10]);
    let known = (1..=100).contains(&office) || [120, 121, 888, 999].contains(&office);
    value(&number[..7]) > 0 && known && luhn(number)
}

pub(super) fn lithuania(number: &[u32]) -> bool {
    let Some((check, digits)) = number.split_last() else {
        return false;
    };
    let sum = |shift: u32| -> u32 {
        let weights = (0..).map(|place| 1 + (place + shift) % 9);
        digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
    };
    let rest = match sum(0) % 11 {
        10 => sum(2) % 11,
        rest => rest,
    };
    digits.last() == Some(&1) && rest % 10 == *check
}

pub(super) fn luxembourg(number: &[u32]) -> bool {
    value(&number[..6]) % 89 == value(&number[6..])
}

/// Companies begin with a 4 or more, people with the day of their birth or with 32.
pub(super) fn latvia(number: &[u32]) -> bool {
    if number[0] > 3 {
        return weighted(number, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3;
    }
    (1 + weighted(&number[..10], &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10 == number[10]
}

pub(super) fn malta(number: &[u32]) -> bool {
    number[0] != 0 && weighted(number, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37)
}

/// The old form checks nine digits (and is still in use), the new one the whole of it with its country.
pub(super) fn netherlands(number: &[u32]) -> bool {
    let sum = weighted(&number[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    let old = sum % 11 == number[8];
    let new = mod_97([23, 21].into_iter().chain(number.iter().copied())) == 1;
    value(&number[..9]) > 0 && value(&number[10..]) > 0 && (old || new)
}

pub(super) fn norway(number: &[u32]) -> bool {
    weighted(&number[..9], &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

pub(super) fn poland(number: &[u32]) -> bool {
    weighted(&number[..9], &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == number[9]
}

pub(super) fn portugal(number: &[u32]) -> bool {
    number[0] != 0 && (11 - weighted(&number[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == number[8]
}

pub(super) fn romania(number: &[u32]) -> bool {
    let Some((check, digits)) = number.split_last() else {
        return false;
    };
    let weights = &[7, 5, 3, 2, 1, 7, 5, 3, 2][9 - digits.len()..];
    number[0] != 0 && 10 * weighted(digits, weights) % 11 % 10 == *check
}

pub(super) fn sweden(number: &[u32]) -> bool {
    luhn(&number[..10]) && (1..=94).contains(&value(&number[10..]))
}

pub(super) fn slovenia(number: &[u32]) -> bool {
    let rest = 11 - weighted(&number[..7], &[8, 7, 6, 5, 4, 3, 2]) % 11;
    number[0] != 0 && (if rest == 10 { 0 } else { rest }) == number[7]
}

pub(super) fn slovakia(number: &[u32]) -> bool {
    number[0] != 0 && value(number).is_multiple_of(11)
}
