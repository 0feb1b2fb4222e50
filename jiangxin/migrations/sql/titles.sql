-- Titles as they count: of a withdrawn list none, of a title told by several lists what the latest one says. What was ended
-- (exit, P38) stays ended, also where a later list still tells the title.
CREATE VIEW recognition_title_in_force AS
SELECT DISTINCT ON (t.organisation_id, t.kind, t.region_id, t.from_on) t.*
  FROM recognition_title t LEFT JOIN parties_register_load r ON r.id = t.load_id
 WHERE r.state IS DISTINCT FROM 'withdrawn'
 ORDER BY t.organisation_id, t.kind, t.region_id, t.from_on, t.ended_at NULLS LAST, t.loaded_at DESC, t.id DESC;
