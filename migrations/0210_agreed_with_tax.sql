-- Why: a price can be told with the tax in it. What a plan tells stands in its version; a price that was agreed on instead says it
-- itself, and the page of a membership says which it is.

alter table membership_view add column agreed_tax_included boolean;
