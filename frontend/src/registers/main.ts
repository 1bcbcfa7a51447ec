import '../../css/divisions.css';
import '../../css/care.css';
import '../../css/imports.css';
import '../../css/registers.css';
import '../console';
import { startCare } from './care';
import { startDrop } from './drop';
import { startForm } from './form';
import { startList } from './list';
import { startReview } from './review';

startDrop();
startForm();
startList();
startReview();
startCare();
