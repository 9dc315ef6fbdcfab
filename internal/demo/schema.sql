-- Sample source systems. Every figure in this database is synthetic.

CREATE TABLE notice (language TEXT PRIMARY KEY, text TEXT NOT NULL);

INSERT INTO notice (language, text) VALUES
  ('zh', '本数据库为演示用的合成数据，并非真实统计。2025年的合计与公开报道的数字相符，各县（市、区）的拆分、其余各期及分母均为虚构。'),
  ('en', 'This database holds synthetic figures for a demonstration, not statistics. Totals for 2025 agree with published ones; how they split over counties, all other periods and the denominators are made up.');

-- Organization Department.
CREATE TABLE governance_register (unit_code TEXT, period TEXT, item TEXT, amount INTEGER);
CREATE TABLE rectification_progress (county_code TEXT, month TEXT, rectified_since_january INTEGER);
CREATE TABLE village_secretaries (county_code TEXT, quarter TEXT, in_reserve INTEGER, promoted INTEGER);
CREATE TABLE community_pairing (county_code TEXT, month TEXT, units_paired INTEGER, members_reported INTEGER);

-- Office for relieving the grassroots.
CREATE TABLE assessment_register (year TEXT, items INTEGER);
CREATE TABLE burden_items (county_code TEXT, period TEXT, item TEXT, amount INTEGER);
CREATE TABLE shared_forms (county_code TEXT, quarter TEXT, forms_before INTEGER, forms_cut INTEGER); -- forms_before is invented
CREATE TABLE duty_lists (county_code TEXT, quarter TEXT, townships INTEGER, lists_issued INTEGER);
CREATE TABLE village_plaques (township_code TEXT, half_year TEXT, plaques INTEGER);

-- Cities and counties: Fuzhou, Yujiang.
CREATE TABLE property_cases (case_number TEXT PRIMARY KEY, county_name TEXT, settled_on TEXT);
CREATE TABLE deliberation_log (township_name TEXT, month TEXT, sessions INTEGER);
