-- What is personal leaves the read models' columns: documents stay sealed as they stand in the log, say which version of
-- their event they are, and are opened when somebody looks. Rows from before keep their columns until the model is filled
-- again; nothing writes them any more.
--
-- Forgetting also reaches beyond the log: the address guard lets go of her, and what Stripe told of her is blanked.

alter table invoice_view add column document_version smallint not null default 1;
alter table company_view add column document_version smallint not null default 1;
-- The payload of the last PaymentMethodSaved; brand, last4 and expires stay null from now on.
alter table payer_account_view add column card json, add column card_version smallint;

grant delete on sign_in to coterie_app, coterie_worker;
grant update (body) on installation.webhook_inbox to coterie_app;
