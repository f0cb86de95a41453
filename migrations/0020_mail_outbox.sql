-- Why: an email must leave exactly once, however often the fact that calls for it is seen and however many workers run.
-- One row per (kind, subject, recipient) holds the finished bytes, so a retry sends the same message with the same
-- Message-ID, and a template changed in between changes nothing.

create table mail_outbox (
    tenant_id uuid not null,
    mail_id uuid not null,
    kind text not null,
    subject_id uuid not null,
    recipient text not null,
    sender text not null,
    captured boolean not null,
    message_id text not null,
    message bytea not null,
    state text not null default 'pending'
        check (state in ('pending', 'sent', 'suppressed', 'undecidable', 'failed')),
    attempts integer not null default 0,
    unanswered integer not null default 0,
    claimed_until timestamptz,
    last_error text,
    created_at timestamptz not null,
    sent_at timestamptz,
    primary key (tenant_id, mail_id),
    unique (tenant_id, kind, subject_id, recipient)
);

comment on table mail_outbox is 'Every email to be sent or sent, with the bytes as they go over the wire.';
comment on column mail_outbox.subject_id is 'What the email is about: an invoice, a member, a payment.';
comment on column mail_outbox.captured is 'A sandbox organization''s mail: it goes to the capturing server only.';
comment on column mail_outbox.state is
    'suppressed: the recipient was refused for good. undecidable: the server took the message and never answered. '
    'failed: given up.';
comment on column mail_outbox.unanswered is 'How often the whole message was handed over and no answer came.';
comment on column mail_outbox.claimed_until is 'Wall time until which one worker is sending it.';
comment on column mail_outbox.created_at is 'Wall time, also the message''s Date.';

-- What a person has to look at: few rows, and asked for by recipient when a member's address is shown as refused.
create index mail_outbox_trouble on mail_outbox (tenant_id, recipient)
    where state in ('suppressed', 'undecidable', 'failed');

alter table mail_outbox enable row level security;
alter table mail_outbox force row level security;
create policy mail_outbox_tenant on mail_outbox
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);

grant select, insert, update on mail_outbox to coterie_app, coterie_worker;
