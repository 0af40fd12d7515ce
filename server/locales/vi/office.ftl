# Những gì văn phòng đọc: đợt lấy phiếu, thiết bị, người dùng, sổ ghi việc, đường vào và ra của việc kiểm phiếu.

round-imported = đã nhập { $units } đơn vị, { $officials } người được lấy phiếu
round-name-files = hãy ghi một bảng tính, hoặc cả hai tệp CSV
round-not-imported = chưa nhập gì: hãy sửa danh sách rồi nhập lại
round-digits = Hãy in các chữ số này cho tổ công tác của từng đơn vị; họ gõ hai nhóm số của danh sách đơn vị mình:
round-opened = đợt đã mở, bắt đầu nhận phiếu
round-closed = đợt đã đóng; những gì đến từ nay bị tạm giữ vì muộn
round-accepted = đã nhận kết quả của lệnh mở phiếu { $number }
round-not-signed = gói của đợt chưa được ký
round-columns = đơn vị|người|máy|đóng|bao phiếu|phiếu|giữ|thiếu|chưa khớp|công bố
round-by-order = lệnh { $number }
round-nothing-held = không có gì bị tạm giữ hay còn thiếu
round-held = tạm giữ { $id } [{ $reasons }] { $ballots } phiếu
round-decided = (đã quyết định)
round-missing = còn thiếu { $gap } ({ $label })
round-two-persons = quyết định cần đúng hai người: hãy ghi --by hai lần
round-noted = đã ghi

evidence-centre = chính trung tâm
evidence-tablet = máy: { $tablet } ({ $device })
evidence-first = bao số { $number }, không nối với bao nào
evidence-follows = bao số { $number }, nối với bao { $previous }
evidence-closes = đóng hòm với tổng { $total } phiếu
evidence-sheet = danh sách { $sheet }
evidence-revoked = máy đã bị thu hồi: “{ $reason }”
evidence-late = chưa có ở đây khi { $who } đóng đợt lúc { $at }
evidence-late-unknown = chưa có ở đây khi đợt đóng
evidence-cloned = cùng máy này đã đánh cùng số cho: { $others }
evidence-beyond = máy đã đóng hòm bằng bao: { $others }
evidence-replaced = danh sách này đã bị thay lần { $number }, tờ mã phiếu vẫn dùng được: “{ $reason }”; danh sách thay vào là { $new }
evidence-replaced-slips = danh sách này và mọi tờ mã phiếu đã bị thay lần { $number }: “{ $reason }”; danh sách thay vào là { $new }
evidence-replaced-unknown = danh sách này không còn hiệu lực
evidence-unknown-sheet = trung tâm không phát hành danh sách này; danh sách đang dùng là { $holds }
evidence-scope = máy được cấp chứng thư cho: { $units }
evidence-courier = máy chỉ là người chuyển, không thuộc đơn vị nào
evidence-length = mỗi phiếu trong bao dài { $found } byte, theo danh sách là { $expected }
evidence-broken = số liền trước là của bao: { $others }
evidence-orphan = từ hòm của máy { $tablet }, người mang đến: { $who }: “{ $story }”
evidence-orphan-unknown = từ hòm của một máy đã mất khóa; hồ sơ không ghi sự việc
evidence-other = { $id } (số { $number }, { $ballots } phiếu)
evidence-other-closes = { $id } (số { $number }, { $ballots } phiếu, đóng hòm với { $total })

orphan-envelopes = bao phiếu do chính máy niêm phong: { $new } bao mới, { $here } bao đã có
orphan-held = { $unit }: { $count } phiếu trong hòm được tạm giữ trong bao { $envelope }
orphan-here = phiếu trong hòm đã có từ trước: { $count }
orphan-decide = Hai cán bộ kiểm tra quyết định có tính hay không: `round decide --unit ĐƠN_VỊ --admit BAO …` hoặc `--leave-out BAO`. Sự việc đã ghi trong hồ sơ đơn vị.
orphan-refused = những thứ khác trong gói không nhận được: { $count }
orphan-torn = gói này thiếu hoặc hỏng một phần. Phần còn nguyên đã được nhận. Hãy chép lại từ máy rồi nhận lần nữa.
round-not-named = { $what } không đúng như `round holds` cho xem
round-say-what = hãy nói rõ quyết định điều gì
round-ordered = lệnh mở phiếu { $number }: mở { $admitted } bao phiếu, để lại { $out }
round-export-now = Bây giờ hãy `export` gói số liệu và mang đến những người giữ khóa.
round-published = đã công bố { $count } đơn vị
round-unit-not-published = chưa công bố: { $why }
round-not-published = { $count } đơn vị chưa công bố được
round-level-form = hãy ghi một mức độ theo dạng mã=nhãn tiếng Việt=nhãn tiếng Anh

state-draft = đang lập
state-signed = đã ký
state-open = đang mở
state-closed = đã đóng
state-finished = đã kết thúc

slips-count = { $count } tờ mã phiếu cho { $units } đơn vị. Không có in lại: hãy in ngay và đếm đủ.
slips-type = Gõ `{ $word }` khi mọi tờ đã nằm trước mặt; gõ gì khác thì bỏ hết các tờ này:
slips-word = da in
slips-void = chưa xác nhận: các tờ này không còn giá trị, chưa lưu gì cả
slips-kept = đã lưu; nếu trang in nằm trong một tệp thì hãy xóa tệp ấy ngay
slips-not-printed = `{ $printer }` không in được: các tờ này không còn giá trị, chưa lưu gì cả
slips-inside = tờ mã phiếu không được nằm trong thư mục của trung tâm: hãy chỉ một nơi khác
sheets-written = { $count } trang nằm trong { $folder }

replace-title = Đơn vị { $unit } ({ $name }), thay danh sách lần { $number }:
replace-old-digits = dãy số cũ   { $digits }
replace-new-digits = dãy số mới  { $digits }
replace-refused = chưa thay danh sách: còn { $count } điều phải sửa; không có gì thay đổi
replace-only-shown = mới chỉ xem; không có gì thay đổi
replace-type-unit = Gõ mã đơn vị `{ $unit }` để ký danh sách mới; gõ gì khác thì thôi:
replace-not-done = chưa thay danh sách; không có gì thay đổi
replace-done = đã thay danh sách của đơn vị { $unit }, lần { $number }
replace-page = trang mới để in và treo: { $page }
replace-next = Máy tính bảng nhận danh sách mới khi đồng bộ; tổ công tác so lại dãy số rồi mới bỏ phiếu tiếp. Hãy thu trang cũ, và sao lưu ngay.
replace-next-slips = Hãy thu và hủy mọi tờ mã phiếu cũ của đơn vị; chỉ phát các tờ vừa in.

finish-not-done = đợt chưa kết thúc được: còn { $count } việc phải xong trước; chưa thay đổi gì
finish-done = đợt đã kết thúc: { $units } đơn vị có xác nhận kết thúc
finish-done-delete = Máy tính bảng và máy của người chuyển xóa theo đó khi đồng bộ lần tới, hoặc khi gặp máy đã nhận.
finish-done-backup = Hãy giữ bản sao lưu đã kiểm tra cho việc này: phiếu chỉ còn phục hồi được từ bản ấy.
finish-done-late = Những gì còn đến sẽ được lưu, có biên nhận, bị tạm giữ vì muộn, và vẫn nằm lại trên máy tính bảng.
finish-left = để lại không công bố, do { $first } và { $second }: { $reason }
finish-without = kết thúc không chờ máy { $device }, do { $first } và { $second }: { $reason }
finish-go-on = để không chờ một máy nữa: `homphieu round decide --unit ĐƠN_VỊ --go-on-without MÁY --by A --by B --reason "…"`
finish-free = không còn gì cản `round finish`
finish-before = trước khi `round finish`: còn { $count } việc phải xong
finish-status = đã kết thúc: { $units } đơn vị có xác nhận kết thúc; máy tính bảng được xóa

device-scan = Hãy quét bằng máy tính bảng, hoặc gõ dòng chữ. Mã chỉ dùng được một lần.
device-courier = người chuyển
device-revoked = đã thu hồi
device-is-revoked = { $device } đã bị thu hồi; bao phiếu của nó bị tạm giữ

user-added = đã thêm { $login }
user-one-time = mật khẩu một lần { $password }
user-present-password = Mật khẩu hiện nay:
user-new-password = Mật khẩu mới:
user-once-more = Gõ lại lần nữa:
user-differ = hai lần gõ không giống nhau; chưa thay đổi gì
user-changed = đã đổi; mọi phiên đã kết thúc
user-ended = đã kết thúc
user-none = không ở đâu
user-no-code = không có
user-no-role = chưa có vai trò
user-line = { $roles }; bỏ phiếu ở: { $unit }; được lấy phiếu với mã: { $codes }
user-closed = đã khóa
user-has-one-time = mật khẩu một lần
user-second-factor = yếu tố thứ hai
user-password-of = Mật khẩu của { $login }:
user-must-change = { $login } phải đổi mật khẩu một lần trước: `homphieu user password { $login }`
user-code = Mã của yếu tố thứ hai:
user-factor-secret = Quét bằng ứng dụng xác thực trên điện thoại, hoặc gõ khóa bí mật này vào đó: { $secret }
user-factor-first = Mã đang hiện ra:
user-factor-on = đã bật yếu tố thứ hai: từ nay đăng nhập phải gõ thêm mã
user-factor-off = đã tắt yếu tố thứ hai
user-nothing-typed = chưa gõ gì; chưa thay đổi gì
user-unknown-role = không có vai trò { $role }; chỉ có { $known }

audit-whole = sổ ghi việc nguyên vẹn: { $lines } dòng
audit-nothing = chưa ghi việc nào
audit-no-date = không rõ lúc nào

serve-first-start = Lần chạy đầu tiên. Hãy đăng nhập bằng tên { $login } với mật khẩu một lần này rồi đặt mật khẩu của mình:

export-written = { $path }: { $bytes } byte, { $envelopes } bao phiếu, { $orders } lệnh mở phiếu, { $results } kết quả

record-empty = chưa ghi gì về hội nghị
record-register = đã điểm danh { $present }, đã phát { $slips } tờ mã phiếu
record-committee = ban kiểm phiếu
record-total = tổng số phiếu khi đóng của { $label }
record-conflict = các ghi chép khác nhau
record-said = { $value } theo { $who } ghi trên { $label }
record-paper = phiếu giấy của một hòm: thu về { $collected }, hợp lệ { $valid }, không hợp lệ { $invalid }
record-paper-entered = { $one } nhập, { $two } nhập lại
record-incident = sự cố ({ $who }): { $text }
record-note = ghi chú ({ $who }): { $text }
record-twins = hai lần ghi cùng số { $number } của { $label }: không lần nào được tính
record-reconciles = hồ sơ của mọi đơn vị đều khớp
record-error = lỗi: { $text }
record-warning = cần giải trình: { $text }; người thứ hai phải giải trình
record-explained = đã giải trình: { $text }
record-key = mã của điều chưa khớp có 32 chữ số thập lục phân: `round findings` cho xem

minutes-hash = biên bản { $hash }
minutes-unsigned = chưa ai ký biên bản
minutes-hold = cả hai đã ký, đang có giá trị: { $hash }
minutes-incomplete = chưa đủ hai người ký, hoặc đã được sửa: { $hash }
minutes-earlier = bản trước: { $hash }
minutes-corrected = { $who } sửa: { $reason }

notice-none = không có thông báo nào như thế
notice-all = tất cả
notice-waiting = phải báo trước hết ngày { $due }
notice-overdue = QUÁ HẠN từ { $due }
notice-in-time = đã báo ngày { $on }, hạn { $due }
notice-late = báo muộn, ngày { $on }, hạn { $due }
notice-tally = { $all } thông báo: { $time } đúng hạn, { $late } muộn, { $waiting } đang chờ, { $overdue } quá hạn
notice-median = một nửa số người đã được báo trong vòng { $days } ngày
notice-day-form = ghi ngày dạng 2026-11-27

documents-bar = văn bản
documents-set = đã ghi { $count } văn bản vào { $folder }
documents-letters = đã ghi thư của { $count } đơn vị vào { $folder }: in ngay, rồi xóa thư mục ấy
documents-name-unit = hãy ghi đơn vị bằng --unit, hoặc người được lấy phiếu bằng --official
documents-not-of-official = văn bản này không phải của một người; với --official chỉ có notices và plans
